/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client in a main context of its own. */
#include "tests/sdk/helpers.h"

static void
on_state (TgwClient *client, GParamSpec *pspec, gpointer thread)
{
  g_assert_true (g_thread_self () == thread);
}

static void
finalize (TgwClient *client, GMainContext *context)
{
  tgw_client_close (client);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_finalize_object (client);
}

/* In a thread of its own, with no main loop anywhere else to help. */
static gpointer
work (gpointer url)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  TgwClient *client;

  g_main_context_push_thread_default (context);
  client = client_new_with_journal (url, ":memory:");
  g_signal_connect (client, "notify::state", G_CALLBACK (on_state), g_thread_self ());
  g_assert_false (tgw_client_connect_sync (client, NULL, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_UNREACHABLE);
  finalize (client, context);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_own_thread (void)
{
  GThread *threads[4];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("cash-desk", work, "http://127.0.0.1:1");
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* GLib tells of networks in a context of its choice; the client hears of it in its own. */
static void
test_network_of_another_thread (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  GNetworkMonitor *network = g_network_monitor_get_default ();
  g_autoptr (GError) error = NULL;
  TgwClient *client;

  g_main_context_push_thread_default (context);
  client = client_new_with_journal ("http://127.0.0.1:1", ":memory:");
  client->first_pause = client->last_pause = 3600 * 1000;
  g_assert_false (tgw_client_connect_sync (client, NULL, &error));
  client->failures = 5;
  g_main_context_pop_thread_default (context);

  g_signal_emit_by_name (network, "network-changed", FALSE);
  g_signal_emit_by_name (network, "network-changed", TRUE);
  g_assert_cmpuint (client->failures, ==, 5);
  g_main_context_push_thread_default (context);
  while (client->failures != 1)
    g_main_context_iteration (context, TRUE);

  /* News that are still on their way when the client goes are lost with it. */
  g_main_context_pop_thread_default (context);
  g_signal_emit_by_name (network, "network-changed", TRUE);
  g_main_context_push_thread_default (context);
  finalize (client, context);
  g_signal_emit_by_name (network, "network-changed", TRUE);
  g_main_context_pop_thread_default (context);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/threads/own", test_own_thread);
  g_test_add_func ("/threads/network-of-another", test_network_of_another_thread);
  return g_test_run ();
}
