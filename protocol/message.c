/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "protocol/error.h"
#include "protocol/id.h"
#include "protocol/message-private.h"

#include <string.h>

int
tgp_read_action (TgpValue object, const char *const *names, guint n, gboolean *unknown, GError **error)
{
  TgpValue action = tgp_value_member (object, "action");
  g_autofree char *text = NULL;

  *unknown = FALSE;
  if (!tgp_value_exists (action))
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_MISSING_FIELD, "action is required");
      return -1;
    }
  if (tgp_value_type (action) != TGP_JSON_STRING)
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "action must be a string");
      return -1;
    }
  for (guint i = 0; i < n; i++)
    if (tgp_value_equal (action, names[i]))
      return (int) i;
  *unknown = TRUE;
  text = tgp_value_dup_string (action);
  /* Named only if it is short and plain: the answer goes into logs. */
  if (tgp_connection_id_valid (text, strlen (text)))
    g_set_error (error, TGP_ERROR, TGP_ERROR_UNKNOWN_ACTION, "action %s is not known", text);
  else
    g_set_error_literal (error, TGP_ERROR, TGP_ERROR_UNKNOWN_ACTION, "action is not known");
  return -1;
}

gboolean
tgp_get_terminal_id (TgpValue object, const char *name, char **out, GError **error)
{
  TgpValue value = tgp_value_member (object, name);
  g_autofree char *text = tgp_value_dup_string (value);

  *out = NULL;
  if (!tgp_value_exists (value) || g_strcmp0 (text, "") == 0)
    {
      g_set_error (error, TGP_ERROR, TGP_ERROR_MISSING_FIELD, "%s is required", name);
      return FALSE;
    }
  if (text == NULL || !tgp_connection_id_valid (text, strlen (text)))
    {
      g_set_error (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "%s must be %s", name,
                   text == NULL ? "a string" : "1 to 64 of A-Z a-z 0-9 . _ : -");
      return FALSE;
    }
  *out = g_steal_pointer (&text);
  return TRUE;
}

void
tgp_message_hint_clear (TgpMessageHint *hint)
{
  g_clear_pointer (&hint->request_id, g_free);
  g_clear_pointer (&hint->transaction_id, g_free);
  hint->is_payment = FALSE;
}

void
tgp_fill_hint (TgpValue object, const char *payload, TgpMessageHint *hint)
{
  if (hint == NULL)
    return;
  tgp_get_optional_string (object, "requestId", TGP_REQUEST_ID_MAX, &hint->request_id, NULL);
  tgp_get_optional_id (object, "transactionId", &hint->transaction_id, NULL);
  if (hint->transaction_id == NULL)
    tgp_get_optional_id (tgp_value_member (object, payload), "transactionId", &hint->transaction_id, NULL);
}

void
tgp_open_message (TgpJsonWriter *writer, const char *action, const char *request_id)
{
  tgp_json_writer_init (writer);
  tgp_json_open_object (writer, NULL);
  if (action != NULL)
    tgp_json_string (writer, "action", action);
  tgp_json_optional_string (writer, "requestId", request_id);
}

char *
tgp_close_message (TgpJsonWriter *writer)
{
  tgp_json_close_object (writer);
  return tgp_json_writer_end (writer);
}

void
tgp_write_ids (TgpJsonWriter *writer, const char *name, const GPtrArray *ids)
{
  tgp_json_open_array (writer, name);
  for (guint i = 0; ids != NULL && i < ids->len; i++)
    tgp_json_string (writer, NULL, g_ptr_array_index (ids, i));
  tgp_json_close_array (writer);
}
