/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ids, states and error codes: the closed lists. */
#include "protocol/error.h"
#include "protocol/id.h"
#include "protocol/states.h"

#include <string.h>

static void
test_ids (void)
{
  char longest[66];
  static const char *const good[] = { "A", "0", "TERM-001", "a.b_c:d-e", "TXN-20240115-001" };
  static const char *const bad[] = { "",    "-a",  ".a",       "_a",   ":a",  "a b",
                                     "a/b", "a\n", "\xc3\xa4", "a%3A", "a\"", "a\\" };
  static const char *const connections[] = { "-a", ".a", "_a", ":a" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (tgp_id_valid (good[i], strlen (good[i])));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (tgp_id_valid (bad[i], strlen (bad[i])));
  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    g_assert_true (tgp_connection_id_valid (connections[i], 2));
  g_assert_false (tgp_connection_id_valid ("", 0));
  g_assert_false (tgp_connection_id_valid ("a b", 3));
  g_assert_false (tgp_id_valid ("a\0b", 3));
  g_assert_false (tgp_id_valid (NULL, 0));
  memset (longest, 'x', sizeof longest);
  g_assert_true (tgp_id_valid (longest, 64));
  g_assert_false (tgp_id_valid (longest, 65));
}

static void
test_uuid7 (void)
{
  /* The example of RFC 9562, appendix A.6. */
  static const guint8 rfc[10] = { 0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f };
  static const guint8 zeros[10] = { 0 };
  guint8 ones[10];
  char buffer[TGP_UUID_SIZE];

  g_assert_cmpstr (tgp_uuid7_format (0x017f22e279b0, rfc, buffer), ==,
                   "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  g_assert_cmpstr (tgp_uuid7_format (0, zeros, buffer), ==, "00000000-0000-7000-8000-000000000000");
  memset (ones, 0xff, sizeof ones);
  g_assert_cmpstr (tgp_uuid7_format (0xffffffffffff, ones, buffer), ==,
                   "ffffffff-ffff-7fff-bfff-ffffffffffff");
  g_assert_true (g_uuid_string_is_valid (buffer));
  g_assert_true (tgp_id_valid (buffer, strlen (buffer)));
}

#define CHECK_WORDS(Type, prefix, n, absent)                                                                 \
  for (int i = 0; i < (n); i++)                                                                              \
    {                                                                                                        \
      Type back = (Type) 99;                                                                                 \
      const char *word = prefix##_name ((Type) i);                                                           \
      if (i == (absent))                                                                                     \
        g_assert_null (word);                                                                                \
      else                                                                                                   \
        {                                                                                                    \
          g_autofree char *other =                                                                           \
            g_ascii_islower (word[0]) ? g_ascii_strup (word, -1) : g_ascii_strdown (word, -1);               \
          g_assert_true (prefix##_from_name (word, &back));                                                  \
          g_assert_cmpint ((int) back, ==, i);                                                               \
          back = (Type) 99;                                                                                  \
          g_assert_false (prefix##_from_name (other, &back));                                                \
          g_assert_false (prefix##_from_name ("", &back));                                                   \
          g_assert_false (prefix##_from_name (NULL, &back));                                                 \
          g_assert_cmpint ((int) back, ==, 99);                                                              \
        }                                                                                                    \
    }                                                                                                        \
  g_assert_null (prefix##_name ((Type) (n)))

static void
test_states (void)
{
  TgpTerminalStatus status = TGP_TERMINAL_RECONNECTING;

  CHECK_WORDS (TgpRole, tgp_role, 2, -1);
  CHECK_WORDS (TgpStatus, tgp_status, 6, -1);
  CHECK_WORDS (TgpResult, tgp_result, 4, -1);
  CHECK_WORDS (TgpVoidStatus, tgp_void_status, 4, TGP_VOID_NONE);
  CHECK_WORDS (TgpMethod, tgp_method, 4, -1);
  CHECK_WORDS (TgpDisconnectReason, tgp_disconnect_reason, 4, -1);

  g_assert_cmpstr (tgp_status_name (TGP_STATUS_AWAITING_RECONNECT), ==, "AWAITING_RECONNECT");
  g_assert_cmpstr (tgp_disconnect_reason_name (TGP_DISCONNECT_STALE_CONNECTION_TIMEOUT), ==,
                   "stale_connection_timeout");
  g_assert_false (tgp_status_is_final (TGP_STATUS_PENDING));
  g_assert_false (tgp_status_is_final (TGP_STATUS_AWAITING_RECONNECT));
  g_assert_true (tgp_status_is_final (TGP_STATUS_COMPLETED));
  g_assert_true (tgp_status_is_final (TGP_STATUS_FAILED));
  g_assert_true (tgp_status_is_final (TGP_STATUS_CANCELLED));
  g_assert_true (tgp_status_is_final (TGP_STATUS_VOIDED));

  g_assert_cmpstr (tgp_terminal_status_ws_name (TGP_TERMINAL_ONLINE), ==, "connected");
  g_assert_cmpstr (tgp_terminal_status_http_name (TGP_TERMINAL_ONLINE), ==, "online");
  g_assert_cmpstr (tgp_terminal_status_ws_name (TGP_TERMINAL_OFFLINE), ==, "disconnected");
  g_assert_cmpstr (tgp_terminal_status_http_name (TGP_TERMINAL_OFFLINE), ==, "offline");
  g_assert_true (tgp_terminal_status_from_name ("disconnected", &status));
  g_assert_cmpint (status, ==, TGP_TERMINAL_OFFLINE);
  g_assert_true (tgp_terminal_status_from_name ("online", &status));
  g_assert_cmpint (status, ==, TGP_TERMINAL_ONLINE);
  g_assert_true (tgp_terminal_status_from_name ("reconnecting", &status));
  g_assert_cmpint (status, ==, TGP_TERMINAL_RECONNECTING);
  g_assert_false (tgp_terminal_status_from_name ("Online", &status));
}

static void
test_errors (void)
{
  static const struct
  {
    const char *name;
    guint status;
    const char *reason;
  } codes[] = {
    { "MALFORMED_JSON", 400, "Bad Request" },
    { "MISSING_FIELD", 400, "Bad Request" },
    { "MESSAGE_TOO_LARGE", 413, "Content Too Large" },
    { "RATE_LIMITED", 429, "Too Many Requests" },
    { "UNAUTHORIZED", 401, "Unauthorized" },
    { "REPLAYED_REQUEST", 401, "Unauthorized" },
    { "GROUP_MISMATCH", 403, "Forbidden" },
    { "FORBIDDEN", 403, "Forbidden" },
    { "DEVICE_ID_TAKEN", 409, "Conflict" },
    { "TERMINAL_NOT_FOUND", 404, "Not Found" },
    { "TRANSACTION_NOT_FOUND", 404, "Not Found" },
    { "TERMINAL_OFFLINE", 503, "Service Unavailable" },
    { "PAYMENT_IN_PROGRESS", 409, "Conflict" },
    { "TRANSACTION_ID_REUSED", 409, "Conflict" },
    { "SESSION_DISPLACED", 409, "Conflict" },
    { "ALREADY_FINAL", 409, "Conflict" },
    { "VOID_NOT_SUPPORTED", 409, "Conflict" },
    { "TIMEOUT", 504, "Gateway Timeout" },
    { "STORAGE_UNAVAILABLE", 503, "Service Unavailable" },
    { "OVERLOADED", 503, "Service Unavailable" },
    { "DRAINING", 503, "Service Unavailable" },
    { "NOT_FOUND", 404, "Not Found" },
    { "METHOD_NOT_ALLOWED", 405, "Method Not Allowed" },
    { "INTERNAL_ERROR", 500, "Internal Server Error" },
    { "GATEWAY_UNAVAILABLE", 503, "Service Unavailable" },
  };
  TgpErrorCode code;

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_assert_true (tgp_error_from_name (codes[i].name, &code));
      g_assert_cmpuint (tgp_error_http_status (code), ==, codes[i].status);
      g_assert_cmpstr (tgp_http_reason (codes[i].status), ==, codes[i].reason);
    }
  for (guint i = 0; i < TGP_N_ERRORS; i++)
    {
      g_assert_true (tgp_error_from_name (tgp_error_name (i), &code));
      g_assert_cmpuint (code, ==, i);
      g_assert_cmpuint (tgp_error_http_status (i), >=, 400);
    }
  g_assert_false (tgp_error_from_name ("malformed_json", &code));
  g_assert_false (tgp_error_from_name (NULL, &code));
  g_assert_cmpstr (tgp_http_reason (299), ==, "Unknown");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/names/ids", test_ids);
  g_test_add_func ("/names/uuid7", test_uuid7);
  g_test_add_func ("/names/states", test_states);
  g_test_add_func ("/names/errors", test_errors);
  return g_test_run ();
}
