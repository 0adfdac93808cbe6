/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "protocol/states.h"

static int
find_word (const char *const *words, guint n, const char *word)
{
  for (guint i = 0; word != NULL && i < n; i++)
    if (words[i] != NULL && g_str_equal (words[i], word))
      return (int) i;
  return -1;
}

/* One closed list: name() by index, from_name() by exact text. A NULL word is a value without a name. */
#define WORD_LIST(Type, prefix, ...)                                                                         \
  static const char *const prefix##_words[] = { __VA_ARGS__ };                                               \
  const char *prefix##_name (Type value)                                                                     \
  {                                                                                                          \
    return (guint) value < G_N_ELEMENTS (prefix##_words) ? prefix##_words[value] : NULL;                     \
  }                                                                                                          \
  gboolean prefix##_from_name (const char *name, Type *value)                                                \
  {                                                                                                          \
    int index = find_word (prefix##_words, G_N_ELEMENTS (prefix##_words), name);                             \
    if (index < 0)                                                                                           \
      return FALSE;                                                                                          \
    *value = (Type) index;                                                                                   \
    return TRUE;                                                                                             \
  }

WORD_LIST (TgpRole, tgp_role, "pos", "terminal")
WORD_LIST (TgpStatus, tgp_status, "PENDING", "AWAITING_RECONNECT", "COMPLETED", "FAILED", "CANCELLED",
           "VOIDED")
WORD_LIST (TgpResult, tgp_result, "SUCCESS", "FAILED", "PENDING", "CANCELLED")
WORD_LIST (TgpVoidStatus, tgp_void_status, NULL, "REQUESTED", "CONFIRMED", "FAILED")
WORD_LIST (TgpMethod, tgp_method, "CARD", "CASH", "MOBILE", "OTHER")
WORD_LIST (TgpDisconnectReason, tgp_disconnect_reason, "api_key_used_elsewhere", "stale_connection_timeout",
           "admin_action", "other")

gboolean
tgp_status_is_final (TgpStatus status)
{
  return status == TGP_STATUS_COMPLETED || status == TGP_STATUS_FAILED || status == TGP_STATUS_CANCELLED ||
         status == TGP_STATUS_VOIDED;
}

static const char *const ws_words[] = { "connected", "reconnecting", "disconnected" };
static const char *const http_words[] = { "online", "reconnecting", "offline" };

const char *
tgp_terminal_status_ws_name (TgpTerminalStatus status)
{
  return (guint) status < G_N_ELEMENTS (ws_words) ? ws_words[status] : NULL;
}

const char *
tgp_terminal_status_http_name (TgpTerminalStatus status)
{
  return (guint) status < G_N_ELEMENTS (http_words) ? http_words[status] : NULL;
}

gboolean
tgp_terminal_status_from_name (const char *name, TgpTerminalStatus *status)
{
  int index = find_word (ws_words, G_N_ELEMENTS (ws_words), name);

  if (index < 0)
    index = find_word (http_words, G_N_ELEMENTS (http_words), name);
  if (index < 0)
    return FALSE;
  *status = (TgpTerminalStatus) index;
  return TRUE;
}
