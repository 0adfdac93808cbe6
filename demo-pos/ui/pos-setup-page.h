/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first run: a sandbox, or a gateway with a key. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define POS_TYPE_SETUP_PAGE (pos_setup_page_get_type ())
/* ::sandbox. ::gateway (const char *address, const char *key_file, gboolean keyring). No key file: the
 * keyring has the key. */
G_DECLARE_FINAL_TYPE (PosSetupPage, pos_setup_page, POS, SETUP_PAGE, AdwBin)

void pos_setup_page_set_address (PosSetupPage *self, const char *address, const char *key_file,
                                 gboolean keyring);
/* NULL: none. */
void pos_setup_page_set_problem (PosSetupPage *self, const char *problem);
/* What is waited for; the form stays usable, for somebody who would rather do something else. NULL: nothing.
 */
void pos_setup_page_set_waiting (PosSetupPage *self, const char *waiting);
void pos_setup_page_set_busy (PosSetupPage *self, gboolean busy);

G_END_DECLS
