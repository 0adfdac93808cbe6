/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated terminal on cue: “tgwctl sim” on one side, a gateway played by hand on the other. */
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "protocol/terminal-message.h"
#include "tests/sdk/fake-gateway.h"
#include "tests/tools/run.h"

typedef struct
{
  FakeGateway *gateway;
  char *folder;
  char *socket;
  Run *terminal;
  char *journal; /* what the first hello said */
} Scene;

static TgpTerminalMessage *
next (Scene *scene)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  TgpTerminalMessage *message;

  wait_until (scene->gateway->received.length > 0);
  text = g_queue_pop_head (&scene->gateway->received);
  message = tgp_terminal_message_decode (text, strlen (text), NULL, &error);
  g_assert_no_error (error);
  return message;
}

static TgpTerminalMessage *
expect (Scene *scene, TgpTerminalAction action, const char *transaction_id)
{
  for (;;)
    {
      TgpTerminalMessage *message = next (scene);

      if (message->action == TGP_TERMINAL_PAYMENT_PROGRESS)
        {
          tgp_terminal_message_free (message);
          continue;
        }
      g_assert_cmpint (message->action, ==, action);
      g_assert_cmpstr (message->transaction_id, ==, transaction_id);
      return message;
    }
}

static void
expect_result (Scene *scene, const char *id, TgpResult result, const char *code)
{
  g_autoptr (TgpTerminalMessage) message = expect (scene, TGP_TERMINAL_PAYMENT_RESPONSE, id);

  g_assert_cmpint (message->response->status, ==, result);
  g_assert_cmpstr (message->response->error_code, ==, code);
}

/* Its nth connection; what came over the one before is dropped. Returns the journal's id. */
static char *
greet (Scene *scene, guint n)
{
  g_autoptr (TgpTerminalMessage) hello = NULL;

  fake_gateway_wait_handshakes (scene->gateway, n);
  while (hello == NULL || hello->action != TGP_TERMINAL_HELLO)
    {
      g_clear_pointer (&hello, tgp_terminal_message_free);
      hello = next (scene);
    }
  fake_gateway_send (scene->gateway,
                     "{'action':'connected','connectionId':'c1','deviceId':'TERM-001','groupId':'g',"
                     "'serverTime':'2024-01-15T10:30:00.000Z','heartbeatSeconds':30}");
  return g_strdup (hello->journal_id);
}

static void
scene_open (Scene *scene)
{
  scene->gateway = fake_gateway_new ();
  scene->gateway->raw = TRUE;
  scene->folder = g_dir_make_tmp ("tgw-control-XXXXXX", NULL);
  scene->socket = g_build_filename (scene->folder, "sock", NULL);
  scene->terminal =
    run_start_lines ("TGW_TERMINAL_SIM",
                     "--gateway %s --device-id TERM-001 --behave fast --back-after 30 --control %s --quiet",
                     scene->gateway->url, scene->socket);
  scene->journal = greet (scene, 1);
}

/* It ends well, and takes its socket with it. */
static void
scene_close (Scene *scene)
{
  g_subprocess_send_signal (scene->terminal->process, SIGTERM);
  run_wait (scene->terminal);
  g_assert_cmpint (scene->terminal->exit_code, ==, 0);
  g_assert_false (g_file_test (scene->socket, G_FILE_TEST_EXISTS));
  run_free (scene->terminal);
  fake_gateway_free (scene->gateway);
  g_rmdir (scene->folder);
  g_free (scene->folder);
  g_free (scene->socket);
  g_free (scene->journal);
}

/* One command; its JSON. */
static char *
cue (Scene *scene, const char *words)
{
  g_autoptr (Run) run = run_start ("TGWCTL", "sim --json --socket %s %s", scene->socket, words);

  run_wait (run);
  if (run->exit_code != 0)
    g_error ("“sim %s” ended with %d: %s", words, run->exit_code, run->err);
  return g_steal_pointer (&run->out);
}

static void
tell (Scene *scene, const char *words)
{
  g_free (cue (scene, words));
}

static void
ask_to_pay (Scene *scene, const char *id, const char *amount)
{
  fake_gateway_send (
    scene->gateway,
    "{'action':'paymentRequest','transactionId':'%s','terminalId':'TERM-001','paymentRequest':{"
    "'transactionId':'%s','amount':'%s','currency':'EUR','paymentMethod':'CARD'}}",
    id, id, amount);
  tgp_terminal_message_free (expect (scene, TGP_TERMINAL_PAYMENT_ACCEPTED, id));
}

static void
ask_about (Scene *scene, const char *id, gboolean in_progress)
{
  g_autoptr (TgpTerminalMessage) status = NULL;

  fake_gateway_send (scene->gateway, "{'action':'getPaymentStatus','transactionId':'%s'}", id);
  status = expect (scene, TGP_TERMINAL_PAYMENT_STATUS, id);
  g_assert_cmpint (status->in_progress, ==, in_progress);
}

static void
test_status (void)
{
  Scene scene;
  g_autofree char *before = NULL, *during = NULL, *after = NULL;
  g_autoptr (Run) people = NULL;

  scene_open (&scene);
  before = cue (&scene, "status");
  assert_contains (before, "\"ok\":true,\"terminalId\":\"TERM-001\",\"connected\":true,\"away\":false");
  assert_contains (before, "\"journal\":[]");
  tell (&scene, "hold");
  ask_to_pay (&scene, "T1", "1.50");
  during = cue (&scene, "status");
  assert_contains (during, "\"hold\":true");
  assert_contains (during, "\"payment\":{\"transactionId\":\"T1\",\"text\":\"1.50 EUR\"}");
  assert_contains (during, "{\"transactionId\":\"T1\",\"result\":\"OPEN\"}");
  after = cue (&scene, "answer");
  expect_result (&scene, "T1", TGP_RESULT_FAILED, "DECLINED");
  assert_contains (after, "\"result\":\"FAILED\",\"errorCode\":\"DECLINED\",\"amount\":\"1.50\"");
  people = run_start ("TGWCTL", "sim --socket %s status", scene.socket);
  run_wait (people);
  assert_contains (people->out, "TERM-001 is connected.");
  assert_contains (people->out, "DECLINED");
  scene_close (&scene);
}

static void
test_refusals (void)
{
  static const struct
  {
    const char *words;
    int exit_code;
    const char *says;
  } cases[] = {
    { "dance", 64, "There is no command “dance”; there are status, drop, return" },
    { "dance", 64, "(UNKNOWN_COMMAND)" },
    { "''", 64, "(UNKNOWN_COMMAND)" },
    { "answer", 77, "(NO_PAYMENT)" },
    { "answer approve", 77, "(NO_PAYMENT)" },
    { "drop soon", 64, "“soon” is no number of seconds from 0 to 86400; 2.5 is one (INVALID_ARGUMENT)" },
    { "drop -- -1", 64, "“-1” is no number" },
    { "drop nan", 64, "“nan” is no number" },
    { "drop 86401", 64, "“86401” is no number" },
    { "late", 64, "“late” needs an argument (MISSING_ARGUMENT)" },
    { "late x", 64, "“x” is no number" },
    { "next", 64, "(MISSING_ARGUMENT)" },
    { "next nonsense", 64, "“nonsense” is no outcome; there are approve, decline, customer-cancels" },
    { "next partial", 64, "“partial” is no outcome" },
    { "hold maybe", 64, "“maybe” is neither “on” nor “off”" },
    { "void-refuse maybe", 64, "“maybe” is neither “on” nor “off”" },
    { "return now", 64, "“return” takes no argument, and not “now”" },
    { "status 'a b c'", 64, "takes no argument" },
  };
  Scene scene;

  scene_open (&scene);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Run) run = run_start ("TGWCTL", "sim --socket %s %s", scene.socket, cases[i].words);

      run_wait (run);
      if (run->exit_code != cases[i].exit_code)
        g_error ("“%s” ended with %d: %s", cases[i].words, run->exit_code, run->err);
      assert_contains (run->err, cases[i].says);
    }
  /* None of it did anything. */
  ask_to_pay (&scene, "T1", "1.00");
  expect_result (&scene, "T1", TGP_RESULT_SUCCESS, NULL);
  scene_close (&scene);
}

static void
test_answers (void)
{
  static const struct
  {
    const char *words;
    TgpResult result;
    const char *code;
  } cases[] = {
    { "answer approve", TGP_RESULT_SUCCESS, NULL },
    { "answer decline", TGP_RESULT_FAILED, "DECLINED" },
    { "answer cancel", TGP_RESULT_CANCELLED, "CANCELLED_BY_CUSTOMER" },
    { "answer 51", TGP_RESULT_FAILED, "INSUFFICIENT_FUNDS" },
    { "answer", TGP_RESULT_FAILED, "OVER_LIMIT" }, /* what the amount says */
  };
  Scene scene;

  scene_open (&scene);
  tell (&scene, "hold");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *id = g_strdup_printf ("T%u", (guint) i);

      ask_to_pay (&scene, id, "1.61");
      ask_about (&scene, id, TRUE);
      tell (&scene, cases[i].words);
      expect_result (&scene, id, cases[i].result, cases[i].code);
    }
  scene_close (&scene);
}

/* What cannot be an answer is refused, and a terminal that would never answer does on cue. */
static void
test_no_answers (void)
{
  static const char *const words[] = { "answer", "answer silent", "answer late", "answer drop-unseen" };
  Scene scene;

  scene_open (&scene);
  ask_to_pay (&scene, "T1", "1.93");
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autoptr (Run) run = run_start ("TGWCTL", "sim --socket %s %s", scene.socket, words[i]);

      run_wait (run);
      g_assert_cmpint (run->exit_code, ==, 64);
      assert_contains (run->err, "is no answer to a payment that waits");
    }
  tell (&scene, "answer approve");
  expect_result (&scene, "T1", TGP_RESULT_SUCCESS, NULL);
  scene_close (&scene);
}

static void
test_hold_and_late (void)
{
  Scene scene;

  scene_open (&scene);
  tell (&scene, "late 3600");
  ask_to_pay (&scene, "T1", "1.00");
  ask_about (&scene, "T1", TRUE);
  tell (&scene, "answer");
  expect_result (&scene, "T1", TGP_RESULT_SUCCESS, NULL);
  tell (&scene, "late 0.01");
  ask_to_pay (&scene, "T2", "1.80");
  expect_result (&scene, "T2", TGP_RESULT_CANCELLED, "CANCELLED_BY_CUSTOMER");
  tell (&scene, "late 0");

  tell (&scene, "hold on");
  ask_to_pay (&scene, "T3", "1.00");
  ask_about (&scene, "T3", TRUE);
  tell (&scene, "hold off");
  expect_result (&scene, "T3", TGP_RESULT_SUCCESS, NULL);
  ask_to_pay (&scene, "T4", "1.00");
  expect_result (&scene, "T4", TGP_RESULT_SUCCESS, NULL);
  scene_close (&scene);
}

/* “next” holds for one payment that is shown, and not for one that is turned away. */
static void
test_next (void)
{
  Scene scene;

  scene_open (&scene);
  tell (&scene, "hold");
  ask_to_pay (&scene, "T1", "1.00");
  tell (&scene, "next 54");
  fake_gateway_send (
    scene.gateway,
    "{'action':'paymentRequest','transactionId':'BUSY','terminalId':'TERM-001','paymentRequest':{"
    "'transactionId':'BUSY','amount':'1.00','currency':'EUR','paymentMethod':'CARD'}}");
  expect_result (&scene, "BUSY", TGP_RESULT_FAILED, "TERMINAL_BUSY");
  tell (&scene, "hold off");
  expect_result (&scene, "T1", TGP_RESULT_SUCCESS, NULL);
  ask_to_pay (&scene, "T2", "1.00");
  expect_result (&scene, "T2", TGP_RESULT_FAILED, "EXPIRED_CARD");
  ask_to_pay (&scene, "T3", "1.00");
  expect_result (&scene, "T3", TGP_RESULT_SUCCESS, NULL);
  scene_close (&scene);
}

/* The payment goes on without a connection; the result waits for it. */
static void
test_drop_and_return (void)
{
  Scene scene;
  g_autofree char *away = NULL, *kept = NULL;

  scene_open (&scene);
  tell (&scene, "hold");
  ask_to_pay (&scene, "T1", "1.00");
  away = cue (&scene, "drop");
  assert_contains (away, "\"connected\":false,\"away\":true");
  wait_until (soup_websocket_connection_get_state (scene.gateway->connection) == SOUP_WEBSOCKET_STATE_CLOSED);
  kept = cue (&scene, "answer approve");
  assert_contains (kept, "\"result\":\"SUCCESS\"");
  assert_contains (kept, "\"acked\":false");
  g_assert_cmpuint (scene.gateway->n_handshakes, ==, 1);
  tell (&scene, "return");
  g_free (greet (&scene, 2));
  expect_result (&scene, "T1", TGP_RESULT_SUCCESS, NULL);
  tell (&scene, "return"); /* it is back: nothing to do */

  tell (&scene, "drop 0.02");
  g_free (greet (&scene, 3));
  expect_result (&scene, "T1", TGP_RESULT_SUCCESS, NULL);
  scene_close (&scene);
}

/* A plan that drops and comes back does not end a “drop” that was told. */
static void
test_drop_outlasts_plans (void)
{
  Scene scene;
  g_autofree char *state = NULL;

  scene_open (&scene);
  tell (&scene, "hold");
  ask_to_pay (&scene, "T1", "1.91");
  tell (&scene, "drop");
  tell (&scene, "answer");
  tell (&scene, "forget");
  state = cue (&scene, "status");
  assert_contains (state, "\"away\":true");
  g_assert_cmpuint (scene.gateway->n_handshakes, ==, 1);
  tell (&scene, "return");
  g_free (greet (&scene, 2));
  scene_close (&scene);
}

static void
test_forget (void)
{
  Scene scene;
  g_autofree char *after = NULL, *state = NULL;

  scene_open (&scene);
  tell (&scene, "hold");
  ask_to_pay (&scene, "T1", "1.00");
  state = cue (&scene, "forget");
  assert_contains (state, "\"journal\":[]");
  after = greet (&scene, 2);
  g_assert_cmpstr (after, !=, scene.journal);
  ask_about (&scene, "T1", FALSE);
  scene_close (&scene);
}

/* The gateway's end stays open and hears nothing, not even a pong; back, it has not charged. */
static void
test_power_off (void)
{
  Scene scene;
  g_autofree char *state = NULL;

  scene_open (&scene);
  tell (&scene, "hold");
  ask_to_pay (&scene, "T1", "1.00");
  state = cue (&scene, "power-off");
  assert_contains (state, "\"connected\":false,\"away\":true");
  g_queue_clear_full (&scene.gateway->received, g_free);
  fake_gateway_send (scene.gateway, "{'action':'getPaymentStatus','transactionId':'T1'}");
  tell (&scene, "status");
  g_assert_cmpuint (scene.gateway->received.length, ==, 0);
  g_assert_cmpint (soup_websocket_connection_get_state (scene.gateway->connection), ==,
                   SOUP_WEBSOCKET_STATE_OPEN);
  tell (&scene, "return");
  g_free (greet (&scene, 2));
  expect_result (&scene, "T1", TGP_RESULT_FAILED, "TERMINAL_RESTARTED");
  scene_close (&scene);
}

static void
test_void_refuse (void)
{
  static const TgpVoidAnswer answers[] = { TGP_VOID_ANSWER_FAILED, TGP_VOID_ANSWER_VOIDED };
  Scene scene;

  scene_open (&scene);
  ask_to_pay (&scene, "T1", "1.00");
  expect_result (&scene, "T1", TGP_RESULT_SUCCESS, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (TgpTerminalMessage) voided = NULL;

      tell (&scene, i == 0 ? "void-refuse on" : "void-refuse off");
      fake_gateway_send (scene.gateway, "{'action':'voidPayment','transactionId':'T1','reason':'r'}");
      voided = expect (&scene, TGP_TERMINAL_VOID_RESPONSE, "T1");
      g_assert_cmpint (voided->void_answer, ==, answers[i]);
    }
  scene_close (&scene);
}

/* Lines of another program: several at once, in pieces, too long. */
static void
test_lines (void)
{
  Scene scene;
  g_autoptr (GSocket) caller = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autofree char *endless = g_strnfill (300, 'x');
  g_autoptr (GString) heard = g_string_new (NULL);
  char buffer[4096];

  scene_open (&scene);
  address = g_unix_socket_address_new (scene.socket);
  caller = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_socket_set_timeout (caller, 20);
  g_assert_true (g_socket_connect (caller, address, NULL, NULL));
  g_assert_cmpint (g_socket_send (caller, "hold\nsta", 8, NULL, NULL), ==, 8);
  g_assert_cmpint (g_socket_send (caller, "tus\r\n  drop   x  \n", 18, NULL, NULL), ==, 18);
  while (strstr (heard->str, "“x”") == NULL)
    {
      gssize n = g_socket_receive (caller, buffer, sizeof buffer, NULL, NULL);

      g_assert_cmpint (n, >, 0);
      g_string_append_len (heard, buffer, n);
    }
  g_assert_nonnull (strstr (heard->str, "\"hold\":true"));
  g_assert_null (strstr (heard->str, "UNKNOWN_COMMAND"));
  g_socket_send (caller, endless, 300, NULL, NULL);
  while (g_socket_receive (caller, buffer, sizeof buffer, NULL, NULL) > 0)
    ;
  g_assert_true (g_socket_condition_check (caller, G_IO_HUP) & G_IO_HUP);
  tell (&scene, "status");
  scene_close (&scene);
}

static void
test_socket (void)
{
  static const char *const says[] = { "another terminal listens at", "is no socket",
                                      "is too long for a socket" };
  Scene scene;
  g_autofree char *file = NULL, *far = NULL, *name = g_strnfill (120, 'x');
  GStatBuf status;

  scene_open (&scene);
  g_assert_cmpint (g_stat (scene.socket, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
  file = g_build_filename (scene.folder, "file", NULL);
  far = g_build_filename (scene.folder, name, NULL);
  g_assert_true (g_file_set_contents (file, "precious", -1, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (says); i++)
    {
      const char *paths[] = { scene.socket, file, far };
      g_autoptr (Run) run =
        run_start ("TGW_TERMINAL_SIM", "--gateway http://127.0.0.1:1 --control %s", paths[i]);

      run_wait (run);
      g_assert_cmpint (run->exit_code, ==, 64);
      assert_contains (run->err, says[i]);
    }
  g_assert_true (g_file_test (scene.socket, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  g_remove (file);

  /* What a killed one left behind is in nobody's way. */
  g_subprocess_force_exit (scene.terminal->process);
  run_wait (scene.terminal);
  run_free (scene.terminal);
  g_assert_true (g_file_test (scene.socket, G_FILE_TEST_EXISTS));
  scene.terminal =
    run_start_lines ("TGW_TERMINAL_SIM", "--gateway %s --device-id TERM-001 --control %s --quiet",
                     scene.gateway->url, scene.socket);
  g_free (greet (&scene, 2));
  tell (&scene, "status");
  scene_close (&scene);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  run_set_key (FAKE_KEY, FAKE_SECRET);
  g_test_add_func ("/tools/sim-control/status", test_status);
  g_test_add_func ("/tools/sim-control/refusals", test_refusals);
  g_test_add_func ("/tools/sim-control/answers", test_answers);
  g_test_add_func ("/tools/sim-control/no-answers", test_no_answers);
  g_test_add_func ("/tools/sim-control/hold-and-late", test_hold_and_late);
  g_test_add_func ("/tools/sim-control/next", test_next);
  g_test_add_func ("/tools/sim-control/drop-and-return", test_drop_and_return);
  g_test_add_func ("/tools/sim-control/drop-outlasts-plans", test_drop_outlasts_plans);
  g_test_add_func ("/tools/sim-control/forget", test_forget);
  g_test_add_func ("/tools/sim-control/power-off", test_power_off);
  g_test_add_func ("/tools/sim-control/void-refuse", test_void_refuse);
  g_test_add_func ("/tools/sim-control/lines", test_lines);
  g_test_add_func ("/tools/sim-control/socket", test_socket);
  return g_test_run ();
}
