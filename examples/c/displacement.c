/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <libtgwclient/tgwclient.h>

/* What a button “Use this till” does. */
static void
take_back (TgwClient *client)
{
  tgw_client_connect_async (client, NULL, NULL, NULL);
}

static void
on_displaced (TgwClient *client, TgwDisconnectReason reason, const char *message, gboolean reconnect_allowed,
              const char *by, gpointer button_pressed)
{
  g_print ("displaced by %s: %s\n", by != NULL ? by : "somebody", message);
  if (reconnect_allowed && button_pressed != NULL)
    take_back (client);
}

static void
on_state (TgwClient *client, GParamSpec *pspec, gpointer data)
{
  if (tgw_client_get_state (client) == TGW_CLIENT_STATE_CONNECTED)
    g_print ("connected\n");
}

/* displacement GATEWAY KEY-FILE [take-back] */
int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (TgwClient) client = tgw_client_new_from_key_file (argv[1], argv[2], &error);

  if (client == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_signal_connect (client, "displaced", G_CALLBACK (on_displaced), argv[3]);
  g_signal_connect (client, "notify::state", G_CALLBACK (on_state), NULL);
  tgw_client_connect_async (client, NULL, NULL, NULL);
  g_main_loop_run (loop);
  return 0;
}
