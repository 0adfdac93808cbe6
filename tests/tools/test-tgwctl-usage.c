/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines that reach no gateway: usage, help, and how they end. */
#include <string.h>

#include "tests/tools/run.h"

static void
test_usage (void)
{
  static const struct
  {
    const char *words;
    int exit_code;
    const char *says; /* on standard error, or on standard output when it ends with 0 */
  } cases[] = {
    { "", 64, "--help" },
    { "nonsense", 64, "there is no “nonsense”" },
    { "keys", 64, "needs a verb" },
    { "keys nonsense", 64, "there is no “keys nonsense”" },
    { "--help", 0, "Example:" },
    { "help", 0, "Exit codes:" },
    { "keys --help", 0, "keys rotate" },
    { "transactions --help", 0, "transactions resolve" },
    { "keys create", 64, "--role" },
    { "keys create --role boss --group g", 64, "--role" },
    { "keys create --role pos", 64, "--group" },
    { "keys rotate", 64, "KEYID is missing" },
    { "keys revoke a b", 64, "what is “b”?" },
    { "keys list --nonsense", 64, "nonsense" },
    { "terminals release T", 64, "--group" },
    { "terminals release T --group g", 64, "--note" },
    { "transactions list --status NONSENSE", 64, "there is no state" },
    { "transactions list --limit 0", 64, "--limit" },
    { "transactions list --limit 201", 64, "--limit" },
    { "transactions list --from yesterday", 64, "a time looks like" },
    { "transactions resolve X", 64, "--as" },
    { "transactions resolve X --as maybe --note n", 64, "--as" },
    { "transactions resolve X --as paid", 64, "--note" },
    { "audit --after -1", 64, "--after" },
    { "audit everything", 64, "what is “everything”?" },
    { "audit --state-dir /nonexistent", 69, "No gateway is running" },
    { "pay", 64, "--terminal" },
    { "pay --terminal T --amount 1.234 --currency EUR", 64, "EUR takes 2" },
    { "pay --terminal T --amount 1e2 --currency EUR", 64, "amount" },
    { "pay --terminal T --amount 1 --currency XXQ", 64, "currency" },
    { "pay --terminal T --amount 1 --currency EUR --method GOLD", 64, "--method" },
    { "pay --terminal T --amount 1 --currency EUR --transaction-id 'a b'", 64, "transaction id" },
    { "pay --terminal T --amount 1 --currency EUR --metadata [1]", 64, "object" },
    { "pay --terminal T --amount 1 --currency EUR --timeout 0", 64, "--timeout" },
    { "pay --terminal T --amount 1 --currency EUR", 64, "--api-key-file" },
    { "status X", 64, "--api-key-file" },
    { "status X --api-key-file /nonexistent/key", 64, "cannot be read" },
    { "keys list --state-dir /nonexistent", 69, "No gateway is running" },
    { "doctor --gateway http://127.0.0.1:1 --state-dir /nonexistent", 69, "cannot be reached" },
    { "sandbox now", 64, "what is “now”?" },
    { "sandbox --terminals 0", 64, "--terminals is 0, and has to be from 1 to 50" },
    { "sandbox --terminals many", 64, "many" },
    { "sim", 64, "TERMINAL COMMAND [ARG] is missing" },
    { "sim TERM-001", 64, "COMMAND is missing" },
    { "sim ../admin status", 64, "“../admin” is no terminal; the first one of a sandbox is TERM-001" },
    { "sim TERM-001 drop 5 6", 64, "what is “6”?" },
    { "sim --socket /nonexistent/sock drop 5 6", 64, "what is “6”?" },
    { "sim TERM-001 status --state-dir /nonexistent", 69,
      "no simulated terminal answers at /nonexistent/sim/TERM-001.sock" },
    { "sim --socket /nonexistent/sock status", 69, "“tgwctl sandbox” starts some" },
  };

  run_set_key (NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Run) run = run_start ("TGWCTL", "%s", cases[i].words);

      run_wait (run);
      if (run->exit_code != cases[i].exit_code)
        g_error ("“%s” ended with %d: %s", cases[i].words, run->exit_code, run->err);
      if (g_str_has_prefix (cases[i].words, "doctor") || cases[i].exit_code == 0)
        assert_contains (run->out, cases[i].says);
      else
        {
          assert_contains (run->err, cases[i].says);
          g_assert_cmpstr (run->out, ==, "");
        }
    }
}

static void
test_with_a_key (void)
{
  static const struct
  {
    const char *words;
    int exit_code;
    const char *says;
  } cases[] = {
    { "pay --terminal T --amount 1 --currency EUR --gateway http://127.0.0.1:1", 69, "cannot be reached" },
    { "pay --terminal T --amount 1 --currency EUR --gateway http://192.0.2.1", 64, "use https" },
    { "pay --terminal T --amount 1 --currency EUR --gateway nonsense", 64, "no address" },
    { "events --gateway http://127.0.0.1:1", 69, "cannot be reached" },
    { "status X --gateway http://127.0.0.1:1", 69, "cannot be reached" },
    { "status X --gateway http://192.0.2.1", 64, "use https" },
    { "cancel X --gateway nonsense", 64, "no address" },
    { "void X --gateway http://127.0.0.1:1", 69, "cannot be reached" },
  };

  run_set_key ("the-key", "the-secret");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Run) run = run_start ("TGWCTL", "%s", cases[i].words);

      run_wait (run);
      if (run->exit_code != cases[i].exit_code)
        g_error ("“%s” ended with %d: %s", cases[i].words, run->exit_code, run->err);
      assert_contains (run->err, cases[i].says);
      g_assert_null (strstr (run->err, "the-secret"));
    }
  run_set_key (NULL, NULL);
}

/* Each verb explains itself with an example. */
static void
test_help (void)
{
  static const char *const verbs[] = {
    "keys create",
    "keys list",
    "keys rotate",
    "keys revoke",
    "terminals list",
    "terminals watch",
    "terminals release",
    "transactions list",
    "transactions orphans",
    "transactions show",
    "transactions timeline",
    "transactions resolve",
    "audit",
    "disconnect",
    "pay",
    "status",
    "cancel",
    "void",
    "events",
    "doctor",
    "sandbox",
    "sim",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autoptr (Run) run = run_start ("TGWCTL", "%s --help", verbs[i]);
      g_autofree char *example = g_strdup_printf ("Example:\n  tgwctl %s", verbs[i]);

      run_wait (run);
      g_assert_cmpint (run->exit_code, ==, 0);
      assert_contains (run->out, example);
      assert_contains (run->out, "--json");
    }
}

static void
test_sim_usage (void)
{
  static const struct
  {
    const char *words;
    int exit_code;
    const char *says;
  } cases[] = {
    { "--help", 0, "Example:" },
    { "--help", 0, "drop-past-grace" },
    { "", 64, "--gateway" },
    { "--gateway nonsense", 64, "no address" },
    { "--gateway http://192.0.2.1", 64, "use https" },
    { "--gateway http://127.0.0.1:1", 64, "--api-key-file" },
    { "--gateway http://127.0.0.1:1 --api-key-file /nonexistent/key", 64, "cannot be read" },
    { "--gateway http://127.0.0.1:1 --behave badly", 64, "badly" },
    { "--gateway http://127.0.0.1:1 --device-id 'a b'", 64, "device id" },
    { "--gateway http://127.0.0.1:1 --delay -1", 64, "range" },
    { "--gateway http://127.0.0.1:1 stray", 64, "stray" },
  };

  run_set_key (NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Run) run = run_start ("TGW_TERMINAL_SIM", "%s", cases[i].words);

      run_wait (run);
      g_assert_cmpint (run->exit_code, ==, cases[i].exit_code);
      assert_contains (cases[i].exit_code == 0 ? run->out : run->err, cases[i].says);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tools/usage/tgwctl", test_usage);
  g_test_add_func ("/tools/usage/tgwctl-with-a-key", test_with_a_key);
  g_test_add_func ("/tools/usage/tgwctl-help", test_help);
  g_test_add_func ("/tools/usage/tgw-terminal-sim", test_sim_usage);
  return g_test_run ();
}
