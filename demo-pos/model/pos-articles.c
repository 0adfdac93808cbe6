/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-articles.h"

#include <glib/gi18n.h>

#include "demo-pos/model/pos-money.h"

static const struct
{
  const char *name;
  gint64 price; /* hundredths of a major unit */
} articles[] = {
  { N_ ("Coffee"), 300 },   { N_ ("Tea"), 250 },  { N_ ("Water"), 200 },     { N_ ("Juice"), 350 },
  { N_ ("Sandwich"), 600 }, { N_ ("Soup"), 550 }, { N_ ("Croissant"), 200 }, { N_ ("Cake"), 400 },
};

void
pos_articles_foreach (const char *currency, PosArticleFunc function, gpointer user_data)
{
  int decimals = pos_money_decimals (currency);

  for (gsize i = 0; i < G_N_ELEMENTS (articles); i++)
    {
      /* Nobody sells coffee for 3 yen. */
      gint64 price = articles[i].price;

      if (decimals == 3)
        price *= 10;
      function (_ (articles[i].name), price, user_data);
    }
}
