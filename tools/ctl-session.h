/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A till's connection for the verbs that need one: connects, runs the main loop, minds Ctrl-C. */
#pragma once

#include "libtgwclient/tgwclient.h"
#include "tools/ctl.h"

G_BEGIN_DECLS

typedef struct
{
  TgwClient *client;
  GMainLoop *loop;
  GCancellable *interrupted; /* first Ctrl-C */
  gboolean stopped;          /* the second one, or SIGTERM */
  guint sources[2];
} CtlSession;

/* A client that is not connected yet: who wants every message listens first. FALSE: *exit_code. */
gboolean ctl_session_open (CtlSession *session, const CtlOptions *options, const char *journal_path,
                           int *exit_code);
/* FALSE: *exit_code, and the session is closed. */
gboolean ctl_session_connect (CtlSession *session, int *exit_code);
void ctl_session_close (CtlSession *session);

G_END_DECLS
