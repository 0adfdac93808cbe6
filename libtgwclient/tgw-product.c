/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-product-private.h"

/**
 * TgwProduct:
 *
 * A line of the sale, for [method@PaymentRequest.add_product]. Terminals may show it; it takes no part in the
 * amount.
 *
 * Since: 0.1
 */
struct _TgwProduct
{
  GObject parent_instance;

  char *texts[6]; /* in the order of the properties */
  gint64 amounts[3];
};

enum
{
  PROP_ID = 1,
  PROP_NAME,
  PROP_QUANTITY,
  PROP_CATEGORY,
  PROP_SKU,
  PROP_BRAND,
  PROP_PRICE,
  PROP_TAX,
  PROP_DISCOUNT,
  N_PROPS
};

/* The properties' names are the wire's. */
static const char *const names[N_PROPS] = { NULL,  "id",    "name",  "quantity", "category",
                                            "sku", "brand", "price", "tax",      "discount" };

G_DEFINE_FINAL_TYPE (TgwProduct, tgw_product, G_TYPE_OBJECT)

static void
tgw_product_finalize (GObject *object)
{
  TgwProduct *self = TGW_PRODUCT (object);

  for (gsize i = 0; i < G_N_ELEMENTS (self->texts); i++)
    g_free (self->texts[i]);
  G_OBJECT_CLASS (tgw_product_parent_class)->finalize (object);
}

static void
tgw_product_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TgwProduct *self = TGW_PRODUCT (object);

  if (id >= PROP_ID && id <= PROP_BRAND)
    g_value_set_string (value, self->texts[id - PROP_ID]);
  else if (id >= PROP_PRICE && id <= PROP_DISCOUNT)
    g_value_set_int64 (value, self->amounts[id - PROP_PRICE]);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tgw_product_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TgwProduct *self = TGW_PRODUCT (object);

  if (id >= PROP_ID && id <= PROP_BRAND)
    {
      g_free (self->texts[id - PROP_ID]);
      self->texts[id - PROP_ID] = g_value_dup_string (value);
    }
  else if (id >= PROP_PRICE && id <= PROP_DISCOUNT)
    self->amounts[id - PROP_PRICE] = g_value_get_int64 (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tgw_product_class_init (TgwProductClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = tgw_product_finalize;
  object_class->get_property = tgw_product_get_property;
  object_class->set_property = tgw_product_set_property;
  /**
   * TgwProduct:id:
   *
   * The till's name for the product.
   *
   * Since: 0.1
   */
  /**
   * TgwProduct:name:
   *
   * The product's name, for people.
   *
   * Since: 0.1
   */
  /**
   * TgwProduct:quantity:
   *
   * How many, or how much, as decimal text, such as `2` or `0.350`.
   *
   * Since: 0.1
   */
  /**
   * TgwProduct:category:
   *
   * The kind of product; `NULL` leaves it out.
   *
   * Since: 0.1
   */
  /**
   * TgwProduct:sku:
   *
   * The stock keeping unit; `NULL` leaves it out.
   *
   * Since: 0.1
   */
  /**
   * TgwProduct:brand:
   *
   * The brand; `NULL` leaves it out.
   *
   * Since: 0.1
   */
  for (guint id = PROP_ID; id <= PROP_BRAND; id++)
    g_object_class_install_property (
      object_class, id,
      g_param_spec_string (names[id], NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  /**
   * TgwProduct:price:
   *
   * The price of one, in minor units of the payment's currency.
   *
   * Since: 0.1
   */
  /**
   * TgwProduct:tax:
   *
   * The tax in it, in minor units of the payment's currency; 0 leaves it out.
   *
   * Since: 0.1
   */
  /**
   * TgwProduct:discount:
   *
   * What was taken off, in minor units of the payment's currency; 0 leaves it out.
   *
   * Since: 0.1
   */
  for (guint id = PROP_PRICE; id <= PROP_DISCOUNT; id++)
    g_object_class_install_property (object_class, id,
                                     g_param_spec_int64 (names[id], NULL, NULL, 0, G_MAXINT64, 0,
                                                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}

static void
tgw_product_init (TgwProduct *self)
{
}

/**
 * tgw_product_new:
 * @id: the till's name for it
 * @name: its name, for people
 * @price: the price of one, in minor units of the payment's currency
 * @quantity: how many, or how much, as decimal text, such as `2` or `0.350`
 *
 * Describes a line of the sale. Category, SKU, brand, tax and discount are properties; tax and discount are
 * in minor units, and 0 leaves them out.
 *
 * Returns: (transfer full): a product
 * Since: 0.1
 */
TgwProduct *
tgw_product_new (const char *id, const char *name, gint64 price, const char *quantity)
{
  g_return_val_if_fail (id != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (price >= 0, NULL);
  g_return_val_if_fail (quantity != NULL, NULL);

  return g_object_new (TGW_TYPE_PRODUCT, "id", id, "name", name, "price", price, "quantity", quantity, NULL);
}

void
tgw_product_write (TgwProduct *self, TgpJsonWriter *writer, const char *currency)
{
  tgp_json_open_object (writer, NULL);
  for (guint id = PROP_ID; id <= PROP_BRAND; id++)
    tgp_json_optional_string (writer, names[id], self->texts[id - PROP_ID]);
  for (guint id = PROP_PRICE; id <= PROP_DISCOUNT; id++)
    if (id == PROP_PRICE || self->amounts[id - PROP_PRICE] != 0)
      tgp_json_money (writer, names[id], self->amounts[id - PROP_PRICE], currency);
  tgp_json_close_object (writer);
}

TgwProduct *
tgw_product_copy (TgwProduct *self)
{
  TgwProduct *copy = g_object_new (TGW_TYPE_PRODUCT, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (self->texts); i++)
    copy->texts[i] = g_strdup (self->texts[i]);
  memcpy (copy->amounts, self->amounts, sizeof copy->amounts);
  return copy;
}
