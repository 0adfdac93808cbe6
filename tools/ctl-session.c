/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ctl-session.h"

#include <glib-unix.h>
#include <signal.h>

static gboolean
on_interrupt (gpointer data)
{
  CtlSession *session = data;

  if (g_cancellable_is_cancelled (session->interrupted))
    {
      session->stopped = TRUE;
      g_main_loop_quit (session->loop);
    }
  g_cancellable_cancel (session->interrupted);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_terminate (gpointer data)
{
  CtlSession *session = data;

  session->stopped = TRUE;
  g_cancellable_cancel (session->interrupted);
  g_main_loop_quit (session->loop);
  return G_SOURCE_CONTINUE;
}

typedef struct
{
  GMainLoop *loop;
  GError *error;
} Attempt;

static void
on_connected (GObject *source, GAsyncResult *result, gpointer data)
{
  Attempt *attempt = data;

  tgw_client_connect_finish (TGW_CLIENT (source), result, &attempt->error);
  g_main_loop_quit (attempt->loop);
}

gboolean
ctl_session_open (CtlSession *session, const CtlOptions *options, const char *journal_path, int *exit_code)
{
  g_autofree char *api_key = NULL, *api_secret = NULL;
  g_autoptr (GError) error = NULL;

  memset (session, 0, sizeof *session);
  if (!ctl_options_load_key (options, &api_key, &api_secret, &error))
    {
      *exit_code = ctl_fail (error);
      return FALSE;
    }
  session->client = g_initable_new (TGW_TYPE_CLIENT, NULL, &error, "gateway-url", options->gateway, "api-key",
                                    api_key, "api-secret", api_secret, "journal-path", journal_path,
                                    /* Where nothing is kept, the gateway must keep it. */
                                    "acknowledge-delivery", g_strcmp0 (journal_path, ":memory:") != 0, NULL);
  if (session->client == NULL)
    {
      *exit_code = ctl_fail (error);
      return FALSE;
    }
  session->loop = g_main_loop_new (NULL, FALSE);
  session->interrupted = g_cancellable_new ();
  session->sources[0] = g_unix_signal_add (SIGINT, on_interrupt, session);
  session->sources[1] = g_unix_signal_add (SIGTERM, on_terminate, session);
  tgw_client_set_allow_plain_text (session->client, options->allow_plain_text);
  tgw_client_set_reconnect_policy (session->client, TGW_RECONNECT_POLICY_NEVER);
  return TRUE;
}

gboolean
ctl_session_connect (CtlSession *session, int *exit_code)
{
  Attempt attempt = { session->loop, NULL };

  tgw_client_connect_async (session->client, session->interrupted, on_connected, &attempt);
  do
    g_main_loop_run (session->loop);
  while (attempt.error == NULL && tgw_client_get_state (session->client) == TGW_CLIENT_STATE_CONNECTING);
  if (attempt.error != NULL)
    {
      *exit_code = g_error_matches (attempt.error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                     ? EXIT_CODE_NOT_STARTED
                     : ctl_fail (attempt.error);
      g_error_free (attempt.error);
      ctl_session_close (session);
      return FALSE;
    }
  tgw_client_set_reconnect_policy (session->client, TGW_RECONNECT_POLICY_POLITE);
  return TRUE;
}

static gboolean
on_flush_over (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
ctl_session_close (CtlSession *session)
{
  for (gsize i = 0; i < G_N_ELEMENTS (session->sources); i++)
    g_clear_handle_id (&session->sources[i], g_source_remove);
  /* The last ack and the goodbye leave when the loop turns. */
  tgw_client_close (session->client);
  g_timeout_add (20, on_flush_over, session->loop);
  g_main_loop_run (session->loop);
  g_clear_object (&session->client);
  g_clear_object (&session->interrupted);
  g_clear_pointer (&session->loop, g_main_loop_unref);
}
