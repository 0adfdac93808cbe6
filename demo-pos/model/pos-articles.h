/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The short list of what this shop sells: its own, or a few things to try the till with. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*PosArticleFunc) (const char *name, gint64 price, gpointer user_data);
/* list: the setting “articles”, a(ssx) of name, currency and price; prices are in minor units. Of the shop's
 * own list those in that currency; what of it cannot be sold is left out, with a warning. */
void pos_articles_foreach (GVariant *list, const char *currency, PosArticleFunc function, gpointer user_data);

G_END_DECLS
