/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The opening handshake of RFC 6455, section 4.2.1. */
#include "edge/http-chars.h"
#include "edge/http-request.h"

#include <string.h>

/* 16 bytes in base64. */
static gboolean
is_key (const char *key, gsize length)
{
  return length == 24 && edge_chars_are (key, 22, EDGE_CHAR_BASE64) && key[22] == '=' && key[23] == '=';
}

void
edge_request_check_upgrade (EdgeRequest *request, gboolean has_body)
{
  const EdgeHeader *upgrade = edge_request_find (request, EDGE_HEADER_UPGRADE);
  const EdgeHeader *key, *version;

  /* HTTP/1.0 must be ignored here (RFC 9110, 7.8). */
  if (upgrade == NULL || request->http_1_0 ||
      g_ascii_strcasecmp (request->data + upgrade->value, "websocket") != 0)
    return;

  key = edge_request_find (request, EDGE_HEADER_WEBSOCKET_KEY);
  version = edge_request_find (request, EDGE_HEADER_WEBSOCKET_VERSION);
  if (strcmp (request->data, "GET") != 0)
    request->upgrade_fault = "a WebSocket handshake is a GET";
  else if (has_body)
    request->upgrade_fault = "a WebSocket handshake has no body";
  else if (!request->connection_upgrade)
    request->upgrade_fault = "Connection does not name Upgrade";
  else if (key == NULL)
    request->upgrade_fault = "no Sec-WebSocket-Key";
  else if (!is_key (request->data + key->value, key->value_length))
    request->upgrade_fault = "Sec-WebSocket-Key is not 16 bytes in base64";
  /* Last, so that 426 is only answered where another version would have helped. */
  else if (version == NULL || strcmp (request->data + version->value, "13") != 0)
    request->upgrade_fault = "Sec-WebSocket-Version is not 13";
  else
    request->is_upgrade = TRUE;
}

gboolean
edge_request_is_upgrade (const EdgeRequest *request)
{
  return request->is_upgrade;
}

const char *
edge_request_upgrade_fault (const EdgeRequest *request)
{
  return request->upgrade_fault;
}

const char *
edge_request_websocket_key (const EdgeRequest *request)
{
  if (!request->is_upgrade)
    return NULL;
  return request->data + edge_request_find (request, EDGE_HEADER_WEBSOCKET_KEY)->value;
}
