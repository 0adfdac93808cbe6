/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <json-glib/json-glib.h>
#include <libtgwclient/tgwclient.h>

/* tell ("TERM-001", "next", "decline"), in a sandbox on state_dir */
static void
tell (const char *state_dir, const char *terminal, const char *what, const char *how)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) ctl = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, "tgwctl", "sim",
                                                  "--state-dir", state_dir, terminal, what, how, NULL);

  if (ctl == NULL || !g_subprocess_wait_check (ctl, NULL, &error))
    g_error ("%s", error->message);
}

/* A test of a till: a gateway and two terminals of its own, told what to do, gone when it ends. */
int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) sandbox = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonObject *ready;
  const char *state_dir;
  g_autoptr (TgwClient) client = NULL;
  g_autoptr (TgwPaymentRequest) request = tgw_payment_request_new (1200, "EUR", NULL);
  g_autoptr (TgwPayment) payment = NULL;

  /* It stops when its standard input ends, which happens also when this program crashes. */
  sandbox = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                              "tgwctl", "sandbox", "--json", "--until-eof", NULL);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (sandbox));
  line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  root = json_from_string (line, &error);
  g_assert_no_error (error);
  ready = json_node_get_object (root);
  state_dir = json_object_get_string_member (ready, "stateDir");

  g_setenv ("XDG_STATE_HOME", state_dir, TRUE); /* the journal goes with the sandbox */
  client = tgw_client_new_from_key_file (json_object_get_string_member (ready, "gateway"),
                                         json_object_get_string_member (ready, "apiKeyFile"), &error);
  g_assert_no_error (error);
  tell (state_dir, "TERM-001", "next", "decline");
  tgw_client_connect_sync (client, NULL, &error);
  g_assert_no_error (error);
  payment = tgw_client_pay_sync (client, "TERM-001", request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_DECLINED);
  g_print ("declined, as it was told to\n");

  g_clear_object (&client);
  g_output_stream_close (g_subprocess_get_stdin_pipe (sandbox), NULL, NULL);
  g_subprocess_wait (sandbox, NULL, NULL);
  return 0;
}
