/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operator's verbs: what they ask the admin socket, what they print, and how they end. */
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#include "tests/sdk/fake-gateway.h"
#include "tests/tools/run.h"

typedef struct
{
  SoupServer *server;
  char *folder;
  char *asked; /* "METHOD target body" */
  guint status;
  const char *answer;
} Admin;

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer data)
{
  Admin *admin = data;
  GUri *uri = soup_server_message_get_uri (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);

  g_free (admin->asked);
  admin->asked = g_strdup_printf (
    "%s %s%s%s %.*s", soup_server_message_get_method (message), g_uri_get_path (uri),
    g_uri_get_query (uri) != NULL ? "?" : "", g_uri_get_query (uri) != NULL ? g_uri_get_query (uri) : "",
    (int) g_bytes_get_size (bytes), (const char *) g_bytes_get_data (bytes, NULL));
  soup_server_message_set_status (message, admin->status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, admin->answer,
                                    strlen (admin->answer));
}

static void
admin_open (Admin *admin)
{
  g_autofree char *path = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;

  admin->folder = g_dir_make_tmp ("tgwctl-XXXXXX", &error);
  path = g_build_filename (admin->folder, "admin.sock", NULL);
  address = g_unix_socket_address_new (path);
  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &error);
  g_assert_no_error (error);
  g_assert_true (g_socket_bind (socket, address, FALSE, &error));
  g_assert_true (g_socket_listen (socket, &error));
  admin->server = soup_server_new ("raw-paths", TRUE, NULL);
  soup_server_add_handler (admin->server, NULL, on_request, admin, NULL);
  g_assert_true (soup_server_listen_socket (admin->server, socket, 0, &error));
  g_assert_no_error (error);
}

static void
admin_close (Admin *admin)
{
  g_autofree char *path = g_build_filename (admin->folder, "admin.sock", NULL);

  soup_server_disconnect (admin->server);
  g_object_unref (admin->server);
  g_remove (path);
  g_rmdir (admin->folder);
  g_free (admin->folder);
  g_free (admin->asked);
}

#define KEY     "{\"keyId\":\"K1\",\"apiKey\":\"AK\",\"apiSecret\":\"SECRET\",\"role\":\"pos\",\"groupId\":\"g\"}"
#define VERDICT "{\"moneyMoved\":\"YES\",\"retrySafe\":false,\"nextAction\":\"NONE\",\"message\":\"Paid.\"}"
#define TRANSACTION                                                                                          \
  "{\"transactionId\":\"T1\",\"status\":\"COMPLETED\",\"amount\":\"1.00\",\"currency\":\"EUR\","             \
  "\"terminalId\":"                                                                                          \
  "\"TERM-001\",\"groupId\":\"g\",\"keyId\":\"K1\",\"createdAt\":\"2024-01-15T10:30:00.000Z\",\"settled\":"  \
  "true,"                                                                                                    \
  "\"verdict\":" VERDICT "}"

static const struct
{
  const char *words;
  guint status;
  const char *answer;
  const char *asked;
  int exit_code;
  const char *says[4]; /* on standard output, or on standard error when it fails */
} cases[] = {
  { "keys create --role pos --group g",
    201,
    KEY,
    "POST /admin/keys {\"role\":\"pos\",\"groupId\":\"g\"}",
    0,
    { "K1", "AK", "SECRET", "not shown again" } },
  { "keys create --role terminal --group 'a \"b' --json",
    201,
    KEY,
    "POST /admin/keys {\"role\":\"terminal\",\"groupId\":\"a \\\"b\"}",
    0,
    { KEY "\n" } },
  { "keys list",
    200,
    "{\"keys\":[{\"keyId\":\"K1\",\"role\":\"pos\",\"groupId\":\"g\",\"createdAt\":\"2024-01-15T10:30:00."
    "000Z\","
    "\"openPayments\":2,\"active\":{\"connectionId\":\"c\",\"address\":\"10.0.0.1\",\"since\":"
    "\"2024-01-15T10:30:00.000Z\"}},{\"keyId\":\"K2\",\"role\":\"terminal\",\"groupId\":\"g\",\"createdAt\":"
    "\"2024-01-15T10:30:00.000Z\",\"revokedAt\":\"2024-01-16T10:30:00.000Z\",\"successor\":\"K3\","
    "\"openPayments\":0}]}",
    "GET /admin/keys ",
    0,
    { "connected from 10.0.0.1 since 2024-01-15 10:30:00", "rotated to K3", "KEY " } },
  { "keys list",
    200,
    "{\"keys\":[{\"keyId\":\"K2\",\"role\":\"terminal\",\"groupId\":\"g\",\"createdAt\":\"2024-01-15T10:30:"
    "00."
    "000Z\",\"openPayments\":1,\"inFlight\":[\"T1\"],\"connections\":[{\"terminalId\":\"TERM-001\","
    "\"connectionId\":\"c\",\"address\":\"10.0.0.2\",\"since\":\"2024-01-15T10:30:00.000Z\",\"inFlight\":"
    "\"T1\"},{\"terminalId\":\"TERM-002\",\"connectionId\":\"d\",\"address\":\"10.0.0.3\",\"since\":"
    "\"2024-01-15T10:31:00.000Z\"}]}]}",
    "GET /admin/keys ",
    0,
    { "TERM-001 connected from 10.0.0.2 since 2024-01-15 10:30:00, pays T1", "T1\n",
      "TERM-002 connected from 10.0.0.3 since 2024-01-15 10:31:00" } },
  { "keys list", 200, "{\"keys\":[]}", "GET /admin/keys ", 0, { "no keys yet" } },
  { "keys rotate K1 --json", 201, KEY, "POST /admin/keys/K1/rotate {}", 0, { "SECRET" } },
  { "keys rotate a/b",
    404,
    "{\"code\":\"NOT_FOUND\",\"message\":\"no such key\"}",
    "POST /admin/keys/a%2Fb/rotate {}",
    77,
    { "no such key" } },
  { "keys revoke K1",
    409,
    "{\"code\":\"PAYMENT_IN_PROGRESS\",\"message\":\"2 payments are open\"}",
    "POST /admin/keys/K1/revoke {\"force\":false}",
    77,
    { "2 payments are open" } },
  { "keys revoke K1 --force",
    200,
    "{\"keyId\":\"K1\",\"revokedAt\":\"2024-01-15T10:30:00.000Z\",\"left\":{\"openPayments\":2,"
    "\"unconfirmedVoids\":1,"
    "\"unreadMessages\":0,\"open\":[\"T1\"],\"voids\":[\"T3\"],\"unread\":[]}}",
    "POST /admin/keys/K1/revoke {\"force\":true}",
    0,
    { "K1 is revoked", "2 open payments:\n  T1\n  and 1 more\n", "1 unconfirmed voids:\n  T3\n",
      "0 unread messages" } },
  { "terminals list --group 'g&h'",
    200,
    "{\"terminals\":[{\"groupId\":\"g\",\"terminalId\":\"TERM-001\",\"status\":\"online\",\"busy\":true,"
    "\"keyId\":\"K2\"}]}",
    "GET /admin/terminals?group=g%26h ",
    0,
    { "TERM-001  g      online, busy" } },
  { "terminals list", 200, "{\"terminals\":[]}", "GET /admin/terminals ", 0, { "tgw-terminal-sim" } },
  { "terminals watch --count 1",
    200,
    "{\"terminals\":[{\"groupId\":\"g\",\"terminalId\":\"A\",\"status\":\"online\",\"busy\":false},{"
    "\"groupId\":\"g\","
    "\"terminalId\":\"B\",\"status\":\"online\",\"busy\":false}]}",
    "GET /admin/terminals ",
    0,
    { "g/A  online", "g/B  online" } },
  { "terminals release TERM-001 --group g --note 'seen the slip'",
    200,
    "{\"terminalId\":\"TERM-001\",\"released\":[\"T1\",\"T2\"]}",
    "POST /admin/terminals/release {\"groupId\":\"g\",\"terminalId\":\"TERM-001\",\"note\":\"seen the "
    "slip\"}",
    0,
    { "2 payments released", "T1", "T2" } },
  { "transactions list --group g --from 2024-01-15 --to 2024-01-16T00:00:00Z --status FAILED --terminal T "
    "--needs-attention --limit 7 --cursor abc",
    200,
    "{\"transactions\":[" TRANSACTION "],\"nextCursor\":\"def\"}",
    "GET "
    "/admin/"
    "transactions?group=g&from=2024-01-15T00%3A00%3A00.000Z&to=2024-01-16T00%3A00%3A00.000Z&status=FAILED&"
    "terminalId=T&needsAttention=true&limit=7&cursor=abc ",
    0,
    { "T1", "1.00 EUR", "COMPLETED", "--cursor def" } },
  { "transactions list",
    200,
    "{\"transactions\":[]}",
    "GET /admin/transactions?limit=50 ",
    0,
    { "No transaction" } },
  { "transactions show T1",
    200,
    TRANSACTION,
    "GET /admin/transactions/T1 ",
    0,
    { "T1  COMPLETED  1.00 EUR", "the customer was charged", "Paid." } },
  { "transactions show T1 --json", 200, TRANSACTION, "GET /admin/transactions/T1 ", 0, { TRANSACTION "\n" } },
  { "transactions show T1 --group g",
    404,
    "{\"code\":\"TRANSACTION_NOT_FOUND\",\"message\":\"none\"}",
    "GET /admin/transactions/T1?group=g ",
    77,
    { "TRANSACTION_NOT_FOUND" } },
  { "transactions timeline T1",
    200,
    "{\"transactionId\":\"T1\",\"timeline\":[{\"n\":0,\"at\":\"2024-01-15T10:30:00.000Z\",\"actor\":\"pos "
    "K1\",\"what\":"
    "\"payment requested\",\"to\":\"PENDING\"}]}",
    "GET /admin/transactions/T1/timeline ",
    0,
    { "pos K1", "payment requested", "PENDING" } },
  { "transactions resolve T1 --as not-paid --note n",
    200,
    TRANSACTION,
    "POST /admin/transactions/T1/resolve {\"as\":\"not-paid\",\"note\":\"n\"}",
    0,
    { "T1" } },
  { "disconnect K1",
    200,
    "{\"disconnected\":1}",
    "POST /admin/disconnect {\"keyId\":\"K1\",\"reconnectAllowed\":false}",
    0,
    { "1 connections ended" } },
  { "disconnect c1 --connection --reconnect-allowed",
    200,
    "{\"disconnected\":1}",
    "POST /admin/disconnect {\"connectionId\":\"c1\",\"reconnectAllowed\":true}",
    0,
    { "1 connections ended" } },
  /* Answers that no gateway should give. */
  { "keys list", 500, "oops", "GET /admin/keys ", 69, { "INTERNAL_ERROR" } },
  { "keys list", 200, "oops", "GET /admin/keys ", 69, { "no JSON" } },
  { "audit", 200, "{\"audit\":7}", "GET /admin/audit?after=0 ", 0, { "Nothing is recorded" } },
  { "audit", 200, "{\"audit\":[1,null,{\"seq\":0}]}", "GET /admin/audit?after=0 ", 0, { "SEQ" } },
  { "audit", 500, "oops", "GET /admin/audit?after=0 ", 69, { "INTERNAL_ERROR" } },
  { "keys list", 200, "{\"keys\":7}", "GET /admin/keys ", 0, { "no keys yet" } },
  { "keys list", 200, "{\"keys\":[1,null,\"\\u001b[2J\",{}]}", "GET /admin/keys ", 0, { "KEY" } },
  { "transactions show T1",
    200,
    "{\"transactionId\":\"\\u001b[2Jboo\"}",
    "GET /admin/transactions/T1 ",
    0,
    { " [2Jboo" } },
};

static void
test_verbs (void)
{
  Admin admin = { 0 };

  admin_open (&admin);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Run) run = NULL;

      admin.status = cases[i].status;
      admin.answer = cases[i].answer;
      g_clear_pointer (&admin.asked, g_free);
      run = run_start ("TGWCTL", "%s --state-dir %s", cases[i].words, admin.folder);
      run_wait (run);
      g_assert_cmpstr (admin.asked, ==, cases[i].asked);
      if (run->exit_code != cases[i].exit_code)
        g_error ("“%s” ended with %d: %s", cases[i].words, run->exit_code, run->err);
      for (gsize j = 0; j < G_N_ELEMENTS (cases[i].says) && cases[i].says[j] != NULL; j++)
        assert_contains (cases[i].exit_code == 0 ? run->out : run->err, cases[i].says[j]);
      g_assert_null (strchr (run->out, '\033'));
    }
  admin_close (&admin);
}

/* Two pages, and then nothing more. */
static void
answer_audit (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
              gpointer data)
{
  static const char *const pages[] = {
    "{\"audit\":[{\"seq\":7,\"at\":\"2024-01-15T10:30:00.000Z\",\"actor\":\"staff\",\"what\":\"key "
    "created\"},\n"
    "{\"seq\":9,\"at\":\"2024-01-15T10:30:00.000Z\",\"actor\":\"pos K1\",\"what\":\"void "
    "requested\",\"groupId\":"
    "\"g\",\"keyId\":\"K1\",\"transactionId\":\"T1\"}]}",
    "{\"audit\":[{\"seq\":12,\"what\":\"payment resolved by staff\",\"detail\":\"paid: \\u001b[2J\"}]}",
    "{\"audit\":[]}",
  };
  const char *after = g_hash_table_lookup (query, "after");
  guint page = strcmp (after, "12") == 0 ? 2 : strcmp (after, "9") == 0 ? 1 : 0;

  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, pages[page],
                                    strlen (pages[page]));
}

static void
test_audit (void)
{
  Admin admin = { 0 };
  g_autoptr (Run) table = NULL, json = NULL, later = NULL;

  admin_open (&admin);
  soup_server_add_handler (admin.server, "/admin/audit", answer_audit, NULL, NULL);
  table = run_start ("TGWCTL", "audit --state-dir %s", admin.folder);
  run_wait (table);
  g_assert_cmpint (table->exit_code, ==, 0);
  assert_contains (table->out, "staff   key created");
  assert_contains (table->out, "pos K1  void requested             g      K1   T1");
  assert_contains (table->out, "payment resolved by staff                           paid:  [2J");
  json = run_start ("TGWCTL", "audit --json --state-dir %s", admin.folder);
  run_wait (json);
  g_auto (GStrv) lines = g_strsplit (json->out, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  for (guint i = 0; i < 3; i++)
    g_assert_true (g_str_has_prefix (lines[i], "{\"seq\":"));
  later = run_start ("TGWCTL", "audit --after 12 --state-dir %s", admin.folder);
  run_wait (later);
  g_assert_cmpstr (later->out, ==, "Nothing is recorded.\n");
  admin_close (&admin);
}

/* $STATE_DIRECTORY names the folder too. */
static void
test_state_directory (void)
{
  Admin admin = { 0 };
  g_autoptr (Run) run = NULL;

  admin_open (&admin);
  admin.status = 200;
  admin.answer = "{\"keys\":[]}";
  run = run_start ("TGWCTL", "keys list --json --state-dir=%s", admin.folder);
  run_wait (run);
  g_assert_cmpint (run->exit_code, ==, 0);
  g_assert_cmpstr (run->out, ==, "{\"keys\":[]}\n");
  admin_close (&admin);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tools/admin/verbs", test_verbs);
  g_test_add_func ("/tools/admin/audit", test_audit);
  g_test_add_func ("/tools/admin/json", test_state_directory);
  return g_test_run ();
}
