/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every verb, with its help. */
#include "tools/ctl.h"

#define KEY " --gateway http://127.0.0.1:8470 --api-key-file pos.key"

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
  { "terminals", "release", "TERMINAL", "Free a terminal that an unsettled payment occupies",
    "tgwctl terminals release TERM-001 --group store-1 --note \"checked the slip, not charged\"",
    ctl_terminals_release, 1, 1, CTL_ADMIN },
  { "transactions", "list", NULL, "List transactions, newest first",
    "tgwctl transactions list --status FAILED --needs-attention", ctl_transactions_list, 0, 0, CTL_ADMIN },
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
    CTL_POS },
  { NULL, "doctor", NULL, "Find out what is wrong, and say what to do", "tgwctl doctor" KEY, ctl_doctor, 0, 0,
    CTL_ADMIN | CTL_POS },
};

const gsize ctl_n_verbs = G_N_ELEMENTS (ctl_verbs);
