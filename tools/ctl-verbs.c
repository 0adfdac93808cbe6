/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every verb, with its help. */
#include "tools/ctl.h"

#define KEY " --gateway http://127.0.0.1:8470 --api-key-file pos.key"

static const char sim_commands[] =
  "Commands:\n"
  "  status             whether it is connected, what waits, and what it remembers\n"
  "  drop [SECONDS]     lose the connection, for so long; without: until “return”\n"
  "  return             come back\n"
  "  power-off          die without closing the connection, until “return”; what waited is not charged\n"
  "  forget             lose the memory of all payments, and the connection for a moment\n"
  "  hold [on|off]      answer no payment unless told\n"
  "  answer [OUTCOME]   answer the payment that waits now; without: as its amount says\n"
  "  late SECONDS       give every answer so much later; 0: no more\n"
  "  next OUTCOME       what the next payment will do, whatever its amount\n"
  "  void-refuse [on|off]  refuse to void, whatever the amount\n"
  "\n"
  "An OUTCOME is approve, decline, cancel, another plan of “tgw-terminal-sim --help”, or the cents that "
  "choose "
  "it.";

static const char events_note[] = "It takes the key's connection, as the till itself would, but acknowledges "
                                  "nothing: every message is still\n"
                                  "there for the till afterwards. The gateway sends 64 unacknowledged "
                                  "messages at most; what lies behind them\n"
                                  "is not seen.";

const CtlVerb ctl_verbs[] = {
  { "keys", "create", NULL, "Make an API key; the secret is shown this once",
    "tgwctl keys create --role pos --group store-1 --json > pos.key", ctl_keys_create, 0, 0, CTL_ADMIN },
  { "keys", "list", NULL, "List the API keys, without their secrets", "tgwctl keys list", ctl_keys_list, 0, 0,
    CTL_ADMIN },
  { "keys", "rotate", "KEYID", "Replace an API key; queue and open payments go to the new one",
    "tgwctl keys rotate K7Q2 --json > pos.key", ctl_keys_rotate, 1, 1, CTL_ADMIN },
  { "keys", "revoke", "KEYID", "Take an API key out of use", "tgwctl keys revoke K7Q2", ctl_keys_revoke, 1, 1,
    CTL_ADMIN },
  { "terminals", "list", NULL, "List the terminals", "tgwctl terminals list --group store-1",
    ctl_terminals_list, 0, 0, CTL_ADMIN },
  { "terminals", "watch", NULL, "Print terminals as they come, go, and become busy", "tgwctl terminals watch",
    ctl_terminals_watch, 0, 0, CTL_ADMIN },
  { "terminals", "release", "TERMINAL",
    "Free a terminal that an unsettled payment occupies; without a deviceId: its KEYID or last connection",
    "tgwctl terminals release TERM-001 --group store-1 --note \"checked the slip, not charged\"",
    ctl_terminals_release, 1, 1, CTL_ADMIN },
  { "transactions", "list", NULL, "List transactions, newest first",
    "tgwctl transactions list --status FAILED --needs-attention", ctl_transactions_list, 0, 0, CTL_ADMIN },
  { "transactions", "orphans", NULL, "List results for ids that nobody knows, as terminals handed them in",
    "tgwctl transactions orphans --group store-1", ctl_transactions_orphans, 0, 0, CTL_ADMIN },
  { "transactions", "show", "ID", "Show a transaction", "tgwctl transactions show ORDER-17",
    ctl_transactions_show, 1, 1, CTL_ADMIN },
  { "transactions", "timeline", "ID", "Show who did what to a transaction, and when",
    "tgwctl transactions timeline ORDER-17", ctl_transactions_timeline, 1, 1, CTL_ADMIN },
  { "transactions", "resolve", "ID", "Close a transaction by hand, with a recorded reason",
    "tgwctl transactions resolve ORDER-17 --as not-paid --note \"slip shows no charge\"",
    ctl_transactions_resolve, 1, 1, CTL_ADMIN },
  { NULL, "audit", NULL, "Print the audit log: who used which right, what was voided, displaced, recovered",
    "tgwctl audit --json > audit.jsonl", ctl_audit, 0, 0, CTL_ADMIN },
  { NULL, "disconnect", "KEYID|CONNECTION", "End the connections of a key, or one connection",
    "tgwctl disconnect K7Q2 --reconnect-allowed", ctl_disconnect, 1, 1, CTL_ADMIN },
  { NULL, "pay", NULL, "Take a payment, as a till",
    "tgwctl pay --terminal TERM-001 --amount 12.34 --currency EUR" KEY, ctl_pay, 0, 0, CTL_POS },
  { NULL, "status", "ID", "What became of a payment, as a till", "tgwctl status ORDER-17" KEY, ctl_status, 1,
    1, CTL_POS },
  { NULL, "cancel", "ID", "Ask to cancel an open payment, as a till", "tgwctl cancel ORDER-17" KEY,
    ctl_cancel, 1, 1, CTL_POS },
  { NULL, "void", "ID", "Ask to reverse a completed payment, as a till", "tgwctl void ORDER-17 --wait" KEY,
    ctl_void, 1, 1, CTL_POS },
  { NULL, "events", NULL, "Print what the gateway tells a till", "tgwctl events" KEY, ctl_events, 0, 0,
    CTL_POS, events_note },
  { "proxy", "status", NULL, "What the local proxy of this computer is doing", "tgwctl proxy status",
    ctl_proxy_status, 0, 0, CTL_PROXY },
  { "proxy", "clients", NULL, "List the programs that may pay through it", "tgwctl proxy clients",
    ctl_proxy_clients, 0, 0, CTL_PROXY },
  { "proxy", "pair", "NAME", "Let a program pay through it; the token is shown this once",
    "tgwctl proxy pair till-1 --json", ctl_proxy_pair, 1, 1, CTL_PROXY },
  { "proxy", "revoke", "NAME", "Take a program's token or key out of use", "tgwctl proxy revoke till-1",
    ctl_proxy_revoke, 1, 1, CTL_PROXY },
  { "proxy", "take-back", NULL, "Take the gateway's key back from who displaced the proxy",
    "tgwctl proxy take-back", ctl_proxy_take_back, 0, 0, CTL_PROXY },
  { "proxy", "logs", NULL, "Print the newest lines of its log, or change its level",
    "tgwctl proxy logs --level debug", ctl_proxy_logs, 0, 0, CTL_PROXY },
  { "proxy", "doctor", NULL, "Find out what is wrong with it, and say what to do", "tgwctl proxy doctor",
    ctl_proxy_doctor, 0, 0, CTL_PROXY },
  { "proxy", "bundle", "[FILE]", "Write an archive for support, without secrets",
    "tgwctl proxy bundle /tmp/support.tar.gz", ctl_proxy_bundle, 0, 1, CTL_PROXY },
  { NULL, "doctor", NULL, "Find out what is wrong, and say what to do", "tgwctl doctor" KEY, ctl_doctor, 0, 0,
    CTL_ADMIN | CTL_POS },
  { NULL, "sandbox", NULL, "A gateway and simulated terminals to try everything with; until it is stopped",
    "tgwctl sandbox", ctl_sandbox, 0, 0, 0 },
  { NULL, "sim", "TERMINAL COMMAND [ARG]", "Tell a simulated terminal what to do now",
    "tgwctl sim TERM-001 drop 5 --state-dir /tmp/shop", ctl_sim, 1, 3, CTL_ADMIN, sim_commands },
};

const gsize ctl_n_verbs = G_N_ELEMENTS (ctl_verbs);
