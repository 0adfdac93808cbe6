/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-articles.h"

#include <glib/gi18n.h>
#include <string.h>

#include "demo-pos/model/pos-money.h"

#define NAME_MAX_LENGTH 100

/* Of a shop that has set none. */
static const struct
{
  const char *name;
  gint64 price; /* hundredths of a major unit */
} articles[] = {
  { N_ ("Coffee"), 300 },   { N_ ("Tea"), 250 },  { N_ ("Water"), 200 },     { N_ ("Juice"), 350 },
  { N_ ("Sandwich"), 600 }, { N_ ("Soup"), 550 }, { N_ ("Croissant"), 200 }, { N_ ("Cake"), 400 },
};

static void
foreach_example (const char *currency, PosArticleFunc function, gpointer user_data)
{
  int decimals = pos_money_decimals (currency);

  if (decimals < 0)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (articles); i++)
    {
      /* Nobody sells coffee for 3 yen. */
      gint64 price = articles[i].price;

      for (int more = 2; more < decimals; more++)
        price *= 10;
      function (_ (articles[i].name), price, user_data);
    }
}

/* NULL: nothing. */
static const char *
what_is_wrong (const char *name, const char *currency, gint64 price)
{
  if (name[strspn (name, " ")] == '\0')
    return "it has no name";
  /* The day's book keeps a line an article, with tabs between. */
  if (name[strcspn (name, "\t\r\n")] != '\0')
    return "its name has a tab or a line end in it";
  if (g_utf8_strlen (name, -1) > NAME_MAX_LENGTH)
    return "its name is longer than 100 characters";
  if (pos_money_decimals (currency) < 0)
    return "its currency is none in use; EUR would be one";
  if (price <= 0 || price > POS_MONEY_MAX)
    return "its price must be from 1 to 99999999, in minor units";
  return NULL;
}

void
pos_articles_foreach (GVariant *list, const char *currency, PosArticleFunc function, gpointer user_data)
{
  GVariantIter iter;
  const char *name, *of_currency;
  gint64 price;

  if (g_variant_n_children (list) == 0)
    {
      foreach_example (currency, function, user_data);
      return;
    }
  g_variant_iter_init (&iter, list);
  for (guint i = 1; g_variant_iter_next (&iter, "(&s&sx)", &name, &of_currency, &price); i++)
    {
      const char *fault = what_is_wrong (name, of_currency, price);

      if (fault != NULL)
        g_warning ("The setting “articles”: entry %u, “%s” at %" G_GINT64_FORMAT " %s, is left out: %s", i,
                   name, price, of_currency, fault);
      else if (g_str_equal (of_currency, currency))
        function (name, price, user_data);
    }
}
