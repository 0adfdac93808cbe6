/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSocket frames written as text, and what a decoder made of them as text too. */
#pragma once

#include "edge/websocket.h"

G_BEGIN_DECLS

/* Frames divided by "|", each:
 *
 *     {N}    so many of it
 *     + -    final or not
 *     0 … f  opcode
 *     rN     reserved bits
 *     u      not masked
 *     k      masked with four zeros
 *     S L    length in 16 or 64 bits, whatever it is
 *     =N     length that is said, whatever follows
 *     :TEXT  payload, %HH for any byte
 *     *N     payload of N times "x"
 *
 * "x:TEXT" is bytes as they are. */
GByteArray *ws_build (const char *spec);

/* Feeds bytes cut at random (seed), byte by byte (1) or whole (0). What came, divided by "|":
 * "T:text", "T*N" for more than 40 times "x", "P:" ping, "p:" pong, "C1000:reason", "X1002" for a fault.
 * *taken: how many bytes were looked at before the end, if there was one. */
char *ws_drive (gconstpointer data, gsize length, gsize max_message, guint32 seed, gsize *taken);

/* A payload as it stands there, behind the ":". */
void ws_log_bytes (GString *log, const char *data, gsize length);

typedef struct
{
  const char *name;
  const char *frames;
  const char *events;
} WsCase;

extern const WsCase ws_cases_framing[], ws_cases_fragments[], ws_cases_utf8[], ws_cases_close[],
  ws_cases_limits[];

/* The cap that the cases are for. */
#define WS_CASES_MAX 65536

G_END_DECLS
