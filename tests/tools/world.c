/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/tools/world.h"

#include <glib/gstdio.h>

#include "libtgwclient/tgw-credentials.h"
#include "libtgwclient/tgw-endpoint.h"
#include "libtgwclient/tgw-http.h"

static char *
in_folder (World *world, const char *name)
{
  return g_build_filename (world->folder, name, NULL);
}

void
world_start_gateway (World *world)
{
  g_autofree char *line = NULL;
  const char *listen = world->url != NULL ? world->url + strlen ("http://") : "127.0.0.1:0";

  world->gateway = run_start_lines ("TGW_GATEWAY", "--listen %s --state-dir %s/state %s", listen,
                                    world->folder, world->settings);
  line = run_next_line (world->gateway);
  assert_contains (line, "listening on ");
  g_free (world->url);
  world->url = g_strdup (line + strlen ("listening on "));
}

void
world_kill_gateway (World *world)
{
  g_subprocess_force_exit (world->gateway->process);
  run_wait (world->gateway);
  g_clear_pointer (&world->gateway, run_free);
}

static void
make_key (World *world, const char *role, const char *name)
{
  g_autofree char *path = in_folder (world, name);
  g_autoptr (Run) run =
    run_start ("TGWCTL", "keys create --role %s --group g --json --state-dir %s/state", role, world->folder);

  run_wait (run);
  g_assert_cmpint (run->exit_code, ==, 0);
  g_assert_true (g_file_set_contents (path, run->out, -1, NULL));
}

void
world_add_terminal (World *world, const char *name, guint back_after)
{
  g_autofree char *line = NULL, *expected = g_strconcat ("connected as ", name, NULL);
  Run *run = run_start_lines ("TGW_TERMINAL_SIM",
                              "--gateway %s --api-key-file %s/terminal.key --device-id %s --quiet "
                              "--behave fast --late-after 600000 --back-after %u --journal %s/%s.journal",
                              world->url, world->folder, name, back_after, world->folder, name);

  line = run_next_line (run);
  g_assert_cmpstr (line, ==, expected);
  g_ptr_array_add (world->terminals, run);
}

void
world_stop_terminal (World *world, guint number)
{
  g_ptr_array_remove_index (world->terminals, number);
}

TgwClient *
world_client_new_with_key (World *world, const char *key_file, const char *other_secret)
{
  g_autofree char *path = in_folder (world, key_file), *key = NULL, *secret = NULL,
                  *journal = journal_path_new ();
  g_autoptr (GError) error = NULL;
  TgwClient *client;

  g_assert_true (tgw_credentials_load (path, &key, &secret, &error));
  client = g_initable_new (TGW_TYPE_CLIENT, NULL, &error, "gateway-url", world->url, "api-key", key,
                           "api-secret", other_secret != NULL ? other_secret : secret, "journal-path",
                           journal, "transport", world->transport, NULL);
  g_assert_no_error (error);
  client->first_pause = 20;
  client->last_pause = 100;
  return client;
}

TgwClient *
world_client_new (World *world)
{
  return world_client_new_with_key (world, "pos.key", NULL);
}

void
world_open (World *world, TgwTransportMode transport, const char *settings)
{
  g_autoptr (GError) error = NULL;

  memset (world, 0, sizeof *world);
  world->folder = g_dir_make_tmp ("tgw-world-XXXXXX", &error);
  g_assert_no_error (error);
  world->settings = settings;
  world->transport = transport;
  world->terminals = g_ptr_array_new_with_free_func ((GDestroyNotify) run_free);
  world_start_gateway (world);
  make_key (world, "pos", "pos.key");
  make_key (world, "terminal", "terminal.key");
  world_add_terminal (world, "TERM-001", 200);

  world->client = world_client_new (world);
  client_connect (world->client);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      remove_folder (inner);
    }
  g_remove (path);
}

void
world_close (World *world)
{
  client_finalize (world->client);
  g_ptr_array_unref (world->terminals);
  g_clear_pointer (&world->gateway, run_free);
  remove_folder (world->folder);
  g_free (world->folder);
  g_free (world->url);
}

void
world_start_pay (World *world, const char *terminal, const char *id, const char *amount,
                 GCancellable *cancellable, Call *call)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPaymentRequest) request = tgw_payment_request_new_from_text (amount, "EUR", &error);

  g_assert_no_error (error);
  g_assert_true (tgw_payment_request_set_transaction_id (request, id, &error));
  tgw_client_pay_async (world->client, terminal, request, cancellable, call_done, call);
}

TgwPayment *
world_pay (World *world, const char *terminal, const char *id, const char *amount)
{
  g_auto (Call) call = { 0 };

  world_start_pay (world, terminal, id, amount, NULL, &call);
  return client_paid (world->client, &call);
}

TgwPayment *
world_wait_until_pending (World *world, const char *id)
{
  TgwPayment *payment = tgw_ledger_find (world->client->ledger, id);

  wait_until (tgw_payment_get_state (payment) == TGW_PAYMENT_STATE_PENDING);
  return payment;
}

static void
on_got (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  *(GBytes **) data = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);
  g_assert_no_error (error);
}

char *
world_get (World *world, const char *path)
{
  g_autofree char *key_file = in_folder (world, "pos.key"), *key = NULL, *secret = NULL;
  g_autoptr (GUri) endpoint = tgw_endpoint_parse (world->url, FALSE, NULL);
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GBytes) body = NULL;
  TgwHttpPeer peer = { endpoint, NULL, NULL, NULL, NULL };

  g_assert_true (tgw_credentials_load (key_file, &key, &secret, NULL));
  peer.api_key = key;
  peer.api_secret = secret;
  message = tgw_http_message (&peer, "GET", path, NULL, g_get_real_time () / 1000);
  soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT, NULL, on_got, &body);
  wait_until (body != NULL);
  return g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
}

guint
world_count_messages (World *world)
{
  g_autofree char *text = world_get (world, "messages");
  guint n = 0;

  for (const char *p = text; (p = strstr (p, "\"messageId\"")) != NULL; p++)
    n++;
  assert_contains (text, "\"messages\":[");
  return n;
}
