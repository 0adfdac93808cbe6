/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A receipt on a printer, or in a PDF file. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

/* With the system's dialogue. */
void pos_print_receipt (GtkWindow *window, PosTill *till, PosEntry *entry, const char *store);
/* Asks where. */
void pos_print_save (GtkWindow *window, PosTill *till, PosEntry *entry, const char *store);
gboolean pos_print_export (const char *path, PosTill *till, PosEntry *entry, const char *store,
                           GError **error);

G_END_DECLS
