/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The short list of what this shop sells. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*PosArticleFunc) (const char *name, gint64 price, gpointer user_data);
/* Prices in minor units of that currency. */
void pos_articles_foreach (const char *currency, PosArticleFunc function, gpointer user_data);

G_END_DECLS
