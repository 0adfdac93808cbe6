/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sim-control.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tools/sim-cues.h"

#define MAX_LINE    256
#define MAX_CALLERS 16

struct _SimControl
{
  char *path;
  SimTerminal *terminal;
  GSocketService *service;
  GCancellable *closing;
  guint callers;
};

/* One connection: reads, answers what is complete, reads on. */
typedef struct
{
  SimControl *control;
  GSocketConnection *connection;
  char buffer[MAX_LINE];
  gsize used;
  char *answer;
} Caller;

static void
caller_free (Caller *caller)
{
  caller->control->callers--;
  g_io_stream_close (G_IO_STREAM (caller->connection), NULL, NULL);
  g_object_unref (caller->connection);
  g_free (caller->answer);
  g_free (caller);
}

static void go_on (Caller *caller);

static void
on_answered (GObject *source, GAsyncResult *result, gpointer data)
{
  Caller *caller = data;

  g_clear_pointer (&caller->answer, g_free);
  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    go_on (caller);
  else
    caller_free (caller);
}

static void
answer (Caller *caller, char *text) /* transfer full */
{
  GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (caller->connection));

  caller->answer = g_strconcat (text, "\n", NULL);
  g_free (text);
  g_output_stream_write_all_async (stream, caller->answer, strlen (caller->answer), G_PRIORITY_DEFAULT,
                                   caller->control->closing, on_answered, caller);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  Caller *caller = data;
  gssize length = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (length <= 0)
    {
      caller_free (caller);
      return;
    }
  caller->used += (gsize) length;
  go_on (caller);
}

static void
go_on (Caller *caller)
{
  char *end = memchr (caller->buffer, '\n', caller->used);
  g_autofree char *line = NULL;

  if (end == NULL && caller->used == sizeof caller->buffer)
    {
      caller_free (caller);
      return;
    }
  if (end == NULL)
    {
      g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (caller->connection)),
                                 caller->buffer + caller->used, sizeof caller->buffer - caller->used,
                                 G_PRIORITY_DEFAULT, caller->control->closing, on_read, caller);
      return;
    }
  line = g_strndup (caller->buffer, (gsize) (end - caller->buffer));
  caller->used -= (gsize) (end + 1 - caller->buffer);
  memmove (caller->buffer, end + 1, caller->used);
  answer (caller, sim_cue (caller->control->terminal, line));
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  SimControl *self = data;
  Caller *caller;

  if (self->callers == MAX_CALLERS)
    return TRUE;
  self->callers++;
  caller = g_new0 (Caller, 1);
  caller->control = self;
  caller->connection = g_object_ref (connection);
  go_on (caller);
  return TRUE;
}

/* A socket that nobody answers is left from a terminal that was killed. */
static gboolean
clear_path (const char *path, GSocketAddress *address, GError **error)
{
  g_autoptr (GSocket) probe = NULL;
  GStatBuf status;

  if (g_lstat (path, &status) != 0)
    return TRUE;
  probe = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  if (!S_ISSOCK (status.st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "“%s” is there and is no socket; choose another path",
                 path);
  else if (probe != NULL && g_socket_connect (probe, address, NULL, NULL))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
                 "another terminal listens at “%s”; stop it, or choose another path", path);
  else if (g_unlink (path) == 0)
    return TRUE;
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "“%s” is left from an earlier terminal; remove it",
                 path);
  return FALSE;
}

static gboolean
listen_at (SimControl *self, GError **error)
{
  g_autoptr (GSocketAddress) address = NULL;
  mode_t before;
  gboolean ok;

  if (strlen (self->path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG,
                   "“%s” is too long for a socket (%zu bytes, at most %zu); choose a shorter path",
                   self->path, strlen (self->path), sizeof ((struct sockaddr_un *) NULL)->sun_path - 1);
      return FALSE;
    }
  address = g_unix_socket_address_new (self->path);
  if (!clear_path (self->path, address, error))
    return FALSE;
  /* Born with 0600, so that there is no moment in which others get in. */
  before = umask (0177);
  ok = g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, error);
  umask (before);
  return ok;
}

SimControl *
sim_control_open (const char *path, SimTerminal *terminal, GError **error)
{
  SimControl *self = g_new0 (SimControl, 1);

  self->terminal = terminal;
  self->service = g_socket_service_new ();
  self->closing = g_cancellable_new ();
  self->path = g_strdup (path);
  if (!listen_at (self, error))
    {
      g_clear_pointer (&self->path, g_free); /* not ours to remove */
      sim_control_close (self);
      return NULL;
    }
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  return self;
}

void
sim_control_close (SimControl *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_cancellable_cancel (self->closing);
  /* Each caller's last callback lets go of it. */
  while (self->callers > 0)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (self->service);
  g_object_unref (self->closing);
  if (self->path != NULL)
    g_unlink (self->path);
  g_free (self->path);
  g_free (self);
}
