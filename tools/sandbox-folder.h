/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sandbox's state folder: the gateway's files, the keys, and sim/ with the terminals' sockets. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* path NULL: a temporary one. Made with mode 0700 if it is not there. Absolute. */
char *sandbox_folder_open (const char *path, GError **error);
/* With all that is in it. */
void sandbox_folder_remove (const char *path);

/* DIR/NAME */
char *sandbox_folder_file (const char *folder, const char *name);
/* DIR/sim/TERMINAL.SUFFIX */
char *sandbox_folder_sim_file (const char *folder, const char *terminal, const char *suffix);

/* Has the running gateway make a key of that role, and writes it to path, mode 0600. A key file that is there
 * already is used again. */
gboolean sandbox_folder_make_key (const char *folder, const char *role, const char *path, GError **error);

G_END_DECLS
