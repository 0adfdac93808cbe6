/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A real server on loopback and clients on plain sockets, all in one thread: whoever waits turns the server's
 * loop meanwhile. What the server's owner hears is written into a log. */
#pragma once

#include "edge/connection.h"

G_BEGIN_DECLS

/* What the owner does with a request, by its target:
 *
 *   /          answers "hello <method> <target> <body>"
 *   /later     keeps it in hand: fixture.held
 *   /big?N     answers N bytes
 *   /close     answers and closes
 *   /end       closes without an answer
 *   /abort     aborts
 *   /ws        upgrades; "/ws?TEXT" sends TEXT at once
 *
 * and with a message: "!close" closes with 4001, "!abort" aborts, "!big N" sends N bytes, "!quiet" nothing;
 * anything else comes back.
 *
 * The log: "R/target" request, "S" response sent, "Mtext" message, "D" dropped, "H1" heartbeat 1 sent, "A1"
 * answered, "P1" "P0" probe, "stale", "C0" closed and why; each followed by a space. */
typedef struct
{
  GMainContext *context;
  EdgeReactor *reactor;
  EdgeServer *server;
  EdgeLimits limits; /* change them before fixture_start() */
  GString *log;
  EdgeConnection *held;   /* of /later */
  EdgeConnection *latest; /* that anything was heard of */
  int n_closed;
  gboolean say_last_words; /* in stale() */
  gboolean refuse_with_body;
  gboolean makes_room; /* aborts the oldest when it is full */
  const char *host;    /* to listen on */
  guint16 port;
  int n_descriptors;
} Fixture;

Fixture *fixture_new (void);
/* Starts the server, on a free port of host, 127.0.0.1 unless changed. */
void fixture_start (Fixture *fixture);
/* Frees the server too, and checks that no descriptor is left over. */
void fixture_free (Fixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

int fixture_count_descriptors (void);

/* Turns the loop until condition; fails after ten seconds. */
void fixture_wait (Fixture *fixture, gboolean (*condition) (gpointer data), gpointer data);
/* Until the log has text. */
void fixture_wait_log (Fixture *fixture, const char *text);
void fixture_wait_closed (Fixture *fixture, int n);
/* Until nothing is left to do right now. */
void fixture_settle (Fixture *fixture);

int fixture_connect (Fixture *fixture);
int fixture_connect_unix (const char *path);
/* Connects and gets through the handshake. */
int fixture_connect_websocket (Fixture *fixture);
void fixture_send (Fixture *fixture, int fd, gconstpointer data, gsize length);
void fixture_send_text (Fixture *fixture, int fd, const char *text);
/* Frames as in ws-spec.h. */
void fixture_send_frames (Fixture *fixture, int fd, const char *frames);
/* Reads so many bytes, or until text is at the end of what came; fails at the end of the stream. */
char *fixture_read (Fixture *fixture, int fd, gsize length);
char *fixture_read_until (Fixture *fixture, int fd, const char *text);
/* To the end; fails on a reset. */
char *fixture_read_to_end (Fixture *fixture, int fd, gsize *length);
/* Reads one frame of a server: "T:text", "P:", "p:", "C1000:reason". */
char *fixture_read_frame (Fixture *fixture, int fd);
void fixture_expect_frame (Fixture *fixture, int fd, const char *frame);
/* The stream ends here, without a reset. */
void fixture_expect_end (Fixture *fixture, int fd);

#define FIXTURE_GET(target) "GET " target " HTTP/1.1\r\nHost: h\r\n\r\n"
#define FIXTURE_UPGRADE(more)                                                                                \
  "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "      \
  "13\r\n"                                                                                                   \
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" more "\r\n"

G_END_DECLS
