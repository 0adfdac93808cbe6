/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's side of RFC 6455 as a pure codec: bytes to events, messages to bytes. No socket, no clock. No
 * extension is ever agreed on. */
#pragma once

#include "edge/buffer.h"
#include "edge/utf8.h"

G_BEGIN_DECLS

typedef enum
{
  EDGE_WS_CONTINUATION = 0x0,
  EDGE_WS_TEXT = 0x1,
  EDGE_WS_BINARY = 0x2,
  EDGE_WS_CLOSE = 0x8,
  EDGE_WS_PING = 0x9,
  EDGE_WS_PONG = 0xa
} EdgeWsOpcode;

#define EDGE_WS_NO_CODE 1005

typedef enum
{
  EDGE_WS_GOT_NOTHING, /* all bytes are taken, more are needed */
  EDGE_WS_GOT_TEXT,    /* a whole message */
  EDGE_WS_GOT_PING,
  EDGE_WS_GOT_PONG,
  EDGE_WS_GOT_CLOSE, /* code, EDGE_WS_NO_CODE if the frame had none, and a reason; what follows is not looked
                        at */
  EDGE_WS_GOT_FAULT  /* the peer broke a rule: close with code; what follows is not looked at */
} EdgeWsEvent;

typedef struct
{
  const char *data; /* the message, the payload, the reason, or the fault, for people; NUL behind it */
  gsize length;
  guint16 code;
} EdgeWsItem;

/* Zero-initialised. Holds no buffer between messages. */
typedef struct
{
  EdgeBuffer *message; /* the text so far, over all fragments */
  EdgeBuffer *control; /* a control frame that came in parts */
  guint8 *borrowed;    /* where a NUL was written into the caller's bytes, and what was there */
  guint32 mask;
  guint32 remaining; /* of the frame's payload */
  guint8 header[14];
  guint8 header_length; /* so much of it is there */
  guint8 borrowed_byte;
  guint8 empty_fragments; /* of the message in hand */
  EdgeUtf8 utf8;
  guint in_payload : 1; /* the header is complete */
  guint in_message : 1; /* a fragment came and the last one did not */
  guint delivered_message : 1;
  guint delivered_control : 1;
  guint finished : 1;
} EdgeWsDecoder;

/* Takes bytes up to the next event; call it again with the rest until it got nothing. The bytes are written
 * to (unmasked in place), data[length] too. The item lives until the next call. max_message: bytes, over all
 * fragments; 0: none. */
EdgeWsEvent edge_ws_decoder_next (EdgeWsDecoder *decoder, gsize max_message, guint8 *data, gsize length,
                                  gsize *consumed, EdgeWsItem *item);
/* Ends the life of the last item and gives the caller's bytes back as they were: before they are moved. */
void edge_ws_decoder_release (EdgeWsDecoder *decoder);
void edge_ws_decoder_clear (EdgeWsDecoder *decoder);

/* Of a final frame from a server. Returns the header's length. */
gsize edge_ws_write_header (guint8 header[10], EdgeWsOpcode opcode, guint64 length);
/* A whole close frame; EDGE_WS_NO_CODE: without code and reason. A reason that is too long is cut between
 * characters. */
gsize edge_ws_write_close (guint8 frame[127], guint16 code, const char *reason);
/* May this code stand in a close frame? */
gboolean edge_ws_is_close_code (guint code);
/* What Sec-WebSocket-Accept answers to a key. */
void edge_ws_accept (const char *key, char accept[29]);

G_END_DECLS
