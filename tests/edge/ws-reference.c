/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/edge/ws-reference.h"

#include "tests/edge/ws-spec.h"

#include <string.h>
#include <wslay/wslay.h>

typedef struct
{
  const guint8 *data;
  gsize length, at;
  GString *log;
} Stream;

static ssize_t
receive (wslay_event_context_ptr context, uint8_t *buffer, size_t length, int flags, void *user_data)
{
  Stream *stream = user_data;
  gsize n = MIN (length, stream->length - stream->at);

  if (n == 0)
    {
      wslay_event_set_error (context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
  memcpy (buffer, stream->data + stream->at, n);
  stream->at += n;
  return (ssize_t) n;
}

static void
message_received (wslay_event_context_ptr context, const struct wslay_event_on_msg_recv_arg *message,
                  void *user_data)
{
  Stream *stream = user_data;
  GString *log = stream->log;
  const char *bytes = (const char *) message->msg;
  gsize skip = 0;

  if (log->len > 0)
    g_string_append_c (log, '|');
  switch (message->opcode)
    {
    case WSLAY_TEXT_FRAME:
      g_string_append (log, "T:");
      break;
    case WSLAY_BINARY_FRAME:
      g_string_append (log, "B:");
      break;
    case WSLAY_PING:
      g_string_append (log, "P:");
      break;
    case WSLAY_PONG:
      g_string_append (log, "p:");
      break;
    default:
      g_string_append_printf (log,
                              "C%u:", message->status_code == 0 ? EDGE_WS_NO_CODE : message->status_code);
      skip = MIN (message->msg_length, 2);
    }
  if (message->msg_length > skip)
    ws_log_bytes (log, bytes + skip, message->msg_length - skip);
}

char *
ws_reference_drive (gconstpointer data, gsize length, gsize max_message)
{
  static const struct wslay_event_callbacks callbacks = { .recv_callback = receive,
                                                          .on_msg_recv_callback = message_received };
  Stream stream = { data, length, 0, g_string_new (NULL) };
  wslay_event_context_ptr context;

  g_assert_cmpint (wslay_event_context_server_init (&context, &callbacks, &stream), ==, 0);
  wslay_event_config_set_max_recv_msg_length (context, max_message);
  /* A fault of a frame is told as WSLAY_ERR_CALLBACK_FAILURE too; our callback never fails. */
  if (wslay_event_recv (context) != 0)
    g_assert_false (wslay_event_get_read_enabled (context));
  if (!wslay_event_get_read_enabled (context) && !wslay_event_get_close_received (context))
    g_string_append (stream.log, stream.log->len > 0 ? "|X" : "X");
  wslay_event_context_free (context);
  return g_string_free (stream.log, FALSE);
}

/* Faults of ours that wslay does not share, or shares only later. */
static gboolean
may_go_on (const char *fault)
{
  return g_str_equal (fault, "X1003") || g_str_equal (fault, "X1008");
}

static gboolean
is_late_close_code (const char *event)
{
  return g_str_has_prefix (event, "C1012:") || g_str_has_prefix (event, "C1013:") ||
         g_str_has_prefix (event, "C1014:");
}

static char *
compare_lists (char **ours, char **theirs)
{
  guint i = 0;

  for (; ours[i] != NULL && ours[i][0] != 'X'; i++)
    {
      if (is_late_close_code (ours[i]))
        return NULL;
      if (g_strcmp0 (ours[i], theirs[i]) != 0)
        return g_strdup_printf ("event %u: we have %s, wslay has %s", i, ours[i], theirs[i]);
    }
  if (ours[i] == NULL)
    return theirs[i] == NULL ? NULL
                             : g_strdup_printf ("event %u: we have nothing, wslay has %s", i, theirs[i]);
  if (may_go_on (ours[i]) || theirs[i] == NULL || theirs[i][0] == 'X')
    return NULL;
  /* A close frame with half a code. */
  if (g_str_equal (ours[i], "X1002") && g_str_equal (theirs[i], "C1005:"))
    return NULL;
  return g_strdup_printf ("event %u: we have %s, wslay has %s", i, ours[i], theirs[i]);
}

char *
ws_reference_compare (const char *ours, const char *theirs)
{
  g_auto (GStrv) our_events = g_strsplit (ours, "|", -1), their_events = g_strsplit (theirs, "|", -1);
  g_autofree char *difference = compare_lists (our_events, their_events);

  return difference == NULL ? NULL
                            : g_strdup_printf ("%s\n  ours: %s\n  wslay: %s", difference, ours, theirs);
}
