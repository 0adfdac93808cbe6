/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated terminal's connection: comes back by itself, and goes away on cue. */
#pragma once

#include <glib.h>

#include "tools/sim-options.h"

G_BEGIN_DECLS

typedef struct _SimLink SimLink;

typedef struct
{
  void (*up) (gpointer user_data);
  void (*text) (const char *text, gsize length, gpointer user_data);
  /* will_retry FALSE: that was it. */
  void (*down) (const GError *error, gboolean will_retry, gpointer user_data);
} SimLinkEvents;

SimLink *sim_link_new (const SimOptions *options, const SimLinkEvents *events, gpointer user_data);
void sim_link_free (SimLink *link);

/* Dropped when there is no connection. */
void sim_link_send (SimLink *link, const char *text);
/* Pulls the plug, and puts it back after ms. Not while it is away on cue. */
void sim_link_drop (SimLink *link, guint ms);
/* On cue: away for ms; 0: until sim_link_return(). */
void sim_link_go_away (SimLink *link, guint ms);
/* On cue: the gateway still sees a connection, which nobody reads or writes any more. Until
 * sim_link_return(). */
void sim_link_go_dead (SimLink *link);
void sim_link_return (SimLink *link);
gboolean sim_link_is_up (SimLink *link);
/* Away or dead. */
gboolean sim_link_is_away (SimLink *link);
/* Says goodbye and stays away. */
void sim_link_leave (SimLink *link);

G_END_DECLS
