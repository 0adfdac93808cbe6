/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-sale.h"

#include <glib/gi18n.h>
#include <string.h>

#include "demo-pos/model/pos-money.h"

struct _PosLine
{
  GObject parent_instance;
  char *name;
  char *currency;
  gint64 price;
  guint quantity;
};

G_DEFINE_FINAL_TYPE (PosLine, pos_line, G_TYPE_OBJECT)

struct _PosSale
{
  GObject parent_instance;
  char *currency;
  gint64 typed;
  GListStore *lines;
};

G_DEFINE_FINAL_TYPE (PosSale, pos_sale, G_TYPE_OBJECT)

enum
{
  LINE_TITLE = 1,
  LINE_TOTAL_TEXT,
  N_LINE_PROPS
};

enum
{
  PROP_TOTAL = 1,
  PROP_TOTAL_TEXT,
  PROP_TYPED_TEXT,
  N_PROPS
};

static GParamSpec *line_properties[N_LINE_PROPS], *properties[N_PROPS];

static void
pos_line_finalize (GObject *object)
{
  PosLine *self = POS_LINE (object);

  g_free (self->name);
  g_free (self->currency);
  G_OBJECT_CLASS (pos_line_parent_class)->finalize (object);
}

static void
pos_line_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PosLine *self = POS_LINE (object);

  if (id == LINE_TOTAL_TEXT)
    g_value_take_string (value, pos_money_format (self->price * self->quantity, self->currency));
  else if (self->quantity > 1)
    /* Translators: how many of which article */
    g_value_take_string (value, g_strdup_printf (_ ("%u × %s"), self->quantity, self->name));
  else
    g_value_set_string (value, self->name);
}

static void
pos_line_class_init (PosLineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = pos_line_finalize;
  object_class->get_property = pos_line_get_property;
  line_properties[LINE_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  line_properties[LINE_TOTAL_TEXT] = g_param_spec_string ("total-text", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_LINE_PROPS, line_properties);
}

static void
pos_line_init (PosLine *self)
{
  self->quantity = 1;
}

const char *
pos_line_get_name (PosLine *self)
{
  return self->name;
}

guint
pos_line_get_quantity (PosLine *self)
{
  return self->quantity;
}

gint64
pos_line_get_price (PosLine *self)
{
  return self->price;
}

static void
set_quantity (PosLine *self, guint quantity)
{
  self->quantity = quantity;
  g_object_notify_by_pspec (G_OBJECT (self), line_properties[LINE_TITLE]);
  g_object_notify_by_pspec (G_OBJECT (self), line_properties[LINE_TOTAL_TEXT]);
}

/* --- the sale --- */

static void
pos_sale_finalize (GObject *object)
{
  PosSale *self = POS_SALE (object);

  g_free (self->currency);
  g_object_unref (self->lines);
  G_OBJECT_CLASS (pos_sale_parent_class)->finalize (object);
}

static void
pos_sale_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PosSale *self = POS_SALE (object);

  switch (id)
    {
    case PROP_TOTAL:
      g_value_set_int64 (value, pos_sale_get_total (self));
      break;
    case PROP_TOTAL_TEXT:
      g_value_take_string (value, pos_money_format (pos_sale_get_total (self), self->currency));
      break;
    case PROP_TYPED_TEXT:
      g_value_take_string (value, pos_money_format (self->typed, self->currency));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
pos_sale_class_init (PosSaleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = pos_sale_finalize;
  object_class->get_property = pos_sale_get_property;
  properties[PROP_TOTAL] = g_param_spec_int64 ("total", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_TOTAL_TEXT] = g_param_spec_string ("total-text", NULL, NULL, NULL, flags);
  properties[PROP_TYPED_TEXT] = g_param_spec_string ("typed-text", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
pos_sale_init (PosSale *self)
{
  self->lines = g_list_store_new (POS_TYPE_LINE);
}

PosSale *
pos_sale_new (const char *currency)
{
  PosSale *self = g_object_new (POS_TYPE_SALE, NULL);

  self->currency = g_strdup (currency);
  return self;
}

static void
notify_total (PosSale *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOTAL]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOTAL_TEXT]);
}

static void
set_typed (PosSale *self, gint64 typed)
{
  if (self->typed == typed)
    return;
  self->typed = typed;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TYPED_TEXT]);
  notify_total (self);
}

const char *
pos_sale_get_currency (PosSale *self)
{
  return self->currency;
}

void
pos_sale_set_currency (PosSale *self, const char *currency)
{
  if (strcmp (self->currency, currency) == 0)
    return;
  g_free (self->currency);
  self->currency = g_strdup (currency);
  self->typed = 0;
  g_list_store_remove_all (self->lines);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TYPED_TEXT]);
  notify_total (self);
}

gboolean
pos_sale_type (PosSale *self, const char *digits)
{
  gint64 typed = self->typed;

  for (const char *digit = digits; *digit != '\0'; digit++)
    typed = typed * 10 + g_ascii_digit_value (*digit);
  if (typed > POS_MONEY_MAX || typed - self->typed + pos_sale_get_total (self) > POS_MONEY_MAX)
    return FALSE;
  set_typed (self, typed);
  return TRUE;
}

void
pos_sale_backspace (PosSale *self)
{
  set_typed (self, self->typed / 10);
}

gboolean
pos_sale_add (PosSale *self, const char *name, gint64 price)
{
  GListModel *lines = G_LIST_MODEL (self->lines);
  g_autoptr (PosLine) fresh = NULL;

  if (price <= 0 || pos_sale_get_total (self) + price > POS_MONEY_MAX)
    return FALSE;
  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (PosLine) line = g_list_model_get_item (lines, i);

      if (line->price != price || strcmp (line->name, name) != 0)
        continue;
      set_quantity (line, line->quantity + 1);
      notify_total (self);
      return TRUE;
    }
  fresh = g_object_new (POS_TYPE_LINE, NULL);
  fresh->name = g_strdup (name);
  fresh->currency = g_strdup (self->currency);
  fresh->price = price;
  g_list_store_append (self->lines, fresh);
  notify_total (self);
  return TRUE;
}

void
pos_sale_remove (PosSale *self, PosLine *line)
{
  guint position;

  if (!g_list_store_find (self->lines, line, &position))
    return;
  if (line->quantity > 1)
    set_quantity (line, line->quantity - 1);
  else
    g_list_store_remove (self->lines, position);
  notify_total (self);
}

void
pos_sale_clear (PosSale *self)
{
  gboolean had_lines = g_list_model_get_n_items (G_LIST_MODEL (self->lines)) > 0;

  g_list_store_remove_all (self->lines);
  if (had_lines && self->typed == 0)
    notify_total (self);
  set_typed (self, 0);
}

gint64
pos_sale_get_typed (PosSale *self)
{
  return self->typed;
}

gint64
pos_sale_get_total (PosSale *self)
{
  GListModel *lines = G_LIST_MODEL (self->lines);
  gint64 total = self->typed;

  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (PosLine) line = g_list_model_get_item (lines, i);

      total += line->price * line->quantity;
    }
  return total;
}

GListModel *
pos_sale_get_lines (PosSale *self)
{
  return G_LIST_MODEL (self->lines);
}

char *
pos_sale_dup_articles (PosSale *self)
{
  GListModel *lines = G_LIST_MODEL (self->lines);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (PosLine) line = g_list_model_get_item (lines, i);
      g_autofree char *name = g_strdelimit (g_strdup (line->name), "\t\n", ' ');

      g_string_append_printf (text, "%u\t%s\t%" G_GINT64_FORMAT "\n", line->quantity, name, line->price);
    }
  return g_string_free (text, FALSE);
}
