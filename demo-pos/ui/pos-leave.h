/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leaving the gateway or the program: not in mid-payment without a word. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

/* Leaves at once: TRUE. Or a payment is open, and leave is called when somebody says so: FALSE. */
gboolean pos_leave (GtkWindow *window, PosTill *till, void (*leave) (gpointer object), gpointer object);

G_END_DECLS
