/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first run: a sandbox, or a gateway with a key. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define POS_TYPE_SETUP_PAGE (pos_setup_page_get_type ())
/* ::sandbox. ::gateway (const char *address, const char *key_file, gboolean keyring). */
G_DECLARE_FINAL_TYPE (PosSetupPage, pos_setup_page, POS, SETUP_PAGE, AdwBin)

void pos_setup_page_set_address (PosSetupPage *self, const char *address, const char *key_file);
/* NULL: none. */
void pos_setup_page_set_problem (PosSetupPage *self, const char *problem);
void pos_setup_page_set_busy (PosSetupPage *self, gboolean busy);

G_END_DECLS
