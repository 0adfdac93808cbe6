/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests of widgets: a till with a day's book but without a gateway, and a window to show something in. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"

/* A day's book with that many payments, PAYMENT-0 and so on; in folder. */
void write_book (const char *folder, const char *name, guint n);
PosTill *till_open (const char *folder, const char *name);
/* Both. */
PosTill *till_new (const char *folder, const char *name, guint n);
/* Nothing of it may be left. */
void till_end (PosTill *till);
/* What is to be done is done. */
void settle (void);

/* From now until it is on the screen, ms. */
double paint (GtkWidget *widget);
/* In a window, once it is there. */
GtkWidget *show (GtkWidget *page);
/* The first of that type inside. */
GtkWidget *find (GtkWidget *widget, GType type);
