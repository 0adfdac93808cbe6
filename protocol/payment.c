/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PaymentRequest: strict in, exact out. */
#include "protocol/payment.h"
#include "protocol/error.h"
#include "protocol/payment-private.h"

#include <string.h>

#define OBJECT_MAX          (8 * 1024)
#define TEXT_MAX            1024
#define QUANTITY_MAX_DIGITS 15

TgpPaymentRequest *
tgp_payment_request_new (void)
{
  return g_new0 (TgpPaymentRequest, 1);
}

void
tgp_payment_request_free (TgpPaymentRequest *request)
{
  if (request == NULL)
    return;
  g_free (request->transaction_id);
  g_free (request->extras);
  g_free (request);
}

gboolean
tgp_value_read_money (TgpValue value, const char *currency, const char *member, TgpMoneyFlags flags,
                      gint64 *minor, GError **error)
{
  g_autofree char *text = NULL;
  const char *raw;
  gsize length;

  switch ((int) tgp_value_type (value))
    {
    case TGP_JSON_NUMBER:
      raw = tgp_value_raw (value, &length);
      return tgp_money_parse_as (raw, length, currency, member, flags, minor, error);
    case TGP_JSON_STRING:
      raw = tgp_value_raw (value, &length);
      if (memchr (raw, '\\', length) == NULL)
        return tgp_money_parse_as (raw + 1, length - 2, currency, member, flags, minor, error);
      text = tgp_value_dup_string (value);
      return tgp_money_parse_as (text, strlen (text), currency, member, flags, minor, error);
    case TGP_JSON_ABSENT:
    case TGP_JSON_NULL:
      g_set_error (error, TGP_ERROR, TGP_ERROR_MISSING_FIELD, "%s is required", member);
      return FALSE;
    default:
      g_set_error (error, TGP_ERROR, TGP_ERROR_INVALID_AMOUNT, "%s must be a decimal string or a number",
                   member);
      return FALSE;
    }
}

gboolean
tgp_value_read_currency (TgpValue object, char currency[4], GError **error)
{
  TgpValue value = tgp_value_member (object, "currency");
  g_autofree char *text = NULL;

  if (!tgp_value_exists (value))
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_MISSING_FIELD, "currency is required");
      return FALSE;
    }
  text = tgp_value_dup_string (value);
  if (tgp_currency_decimals (text) < 0)
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_CURRENCY, "currency must be an ISO 4217 code");
      return FALSE;
    }
  memcpy (currency, text, 4);
  return TRUE;
}

static gboolean
read_method (TgpValue object, TgpMethod *method, GError **error)
{
  TgpValue value = tgp_value_member (object, "paymentMethod");
  g_autofree char *text = NULL;

  if (!tgp_value_exists (value))
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_MISSING_FIELD, "paymentMethod is required");
      return FALSE;
    }
  text = tgp_value_dup_string (value);
  if (tgp_method_from_name (text, method))
    return TRUE;
  g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD,
                       "paymentMethod must be CARD, CASH, MOBILE or OTHER");
  return FALSE;
}

static gboolean
refuse_product (GError **error, TgpErrorCode code, guint index, const char *member, const char *what)
{
  g_set_error (error, TGP_ERROR, code, "products[%u].%s %s", index, member, what);
  return FALSE;
}

static gboolean
check_product_text (TgpValue product, guint index, const char *member, gboolean required, GError **error)
{
  TgpValue value = tgp_value_member (product, member);
  gsize length;

  if (!tgp_value_exists (value))
    return !required || refuse_product (error, TGP_ERROR_MISSING_FIELD, index, member, "is required");
  if (tgp_value_type (value) != TGP_JSON_STRING)
    return refuse_product (error, TGP_ERROR_INVALID_FIELD, index, member, "must be a string");
  tgp_value_raw (value, &length);
  if (length > TEXT_MAX)
    return refuse_product (error, TGP_ERROR_INVALID_FIELD, index, member, "must be at most 1024 bytes");
  return TRUE;
}

static gboolean
check_product_money (TgpValue product, guint index, const char *member, gboolean required,
                     const char *currency, GError **error)
{
  TgpValue value = tgp_value_member (product, member);
  char name[48];
  gint64 minor;

  if (!required && !tgp_value_exists (value))
    return TRUE;
  g_snprintf (name, sizeof name, "products[%u].%s", index, member);
  return tgp_value_read_money (value, currency, name, TGP_MONEY_OR_ZERO, &minor, error);
}

/* digits [ "." digits ], more than zero. */
static gboolean
is_quantity (const char *text, gsize length)
{
  gboolean positive = FALSE, point = FALSE;

  if (length == 0 || length > QUANTITY_MAX_DIGITS + 1)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (text[i] == '.' && !point && i > 0 && i + 1 < length)
        point = TRUE;
      else if (!g_ascii_isdigit (text[i]))
        return FALSE;
      positive |= text[i] >= '1' && text[i] <= '9';
    }
  return positive;
}

static gboolean
check_quantity (TgpValue product, guint index, GError **error)
{
  TgpValue value = tgp_value_member (product, "quantity");
  g_autofree char *text = NULL;

  if (!tgp_value_exists (value))
    return refuse_product (error, TGP_ERROR_MISSING_FIELD, index, "quantity", "is required");
  text = tgp_value_type (value) == TGP_JSON_NUMBER ? tgp_value_dup_raw (value) : tgp_value_dup_string (value);
  if (text == NULL || !is_quantity (text, strlen (text)))
    return refuse_product (error, TGP_ERROR_INVALID_FIELD, index, "quantity",
                           "must be a positive decimal number");
  return TRUE;
}

static gboolean
check_products (TgpValue products, const char *currency, GError **error)
{
  guint index = 0;

  if (!tgp_value_exists (products))
    return TRUE;
  if (tgp_value_type (products) != TGP_JSON_ARRAY)
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "products must be an array");
      return FALSE;
    }
  for (TgpValue item = tgp_value_first (products); item.json != NULL; item = tgp_value_next (item), index++)
    {
      if (tgp_value_type (item) != TGP_JSON_OBJECT)
        {
          g_set_error (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "products[%u] must be an object", index);
          return FALSE;
        }
      if (!check_product_text (item, index, "id", TRUE, error) ||
          !check_product_text (item, index, "name", TRUE, error) ||
          !check_product_money (item, index, "price", TRUE, currency, error) ||
          !check_quantity (item, index, error) ||
          !check_product_text (item, index, "category", FALSE, error) ||
          !check_product_text (item, index, "sku", FALSE, error) ||
          !check_product_text (item, index, "brand", FALSE, error) ||
          !check_product_money (item, index, "tax", FALSE, currency, error) ||
          !check_product_money (item, index, "discount", FALSE, currency, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_object (TgpValue value, const char *name, GError **error)
{
  gsize length;

  if (!tgp_value_exists (value))
    return TRUE;
  tgp_value_raw (value, &length);
  if (tgp_value_type (value) == TGP_JSON_OBJECT && length <= OBJECT_MAX)
    return TRUE;
  g_set_error (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "%s must be an object of at most 8 KiB", name);
  return FALSE;
}

static void
append_member (GString *members, const char *name, TgpValue value)
{
  gsize length;
  const char *raw;

  if (!tgp_value_exists (value))
    return;
  raw = tgp_value_raw (value, &length);
  g_string_append (members, members->len > 0 ? ",\"" : "\"");
  g_string_append (members, name);
  g_string_append (members, "\":");
  g_string_append_len (members, raw, (gssize) length);
}

/* What is not looked at further, as members of an object; NULL if there is nothing. */
static char *
join_extras (TgpValue object)
{
  static const char *const names[] = { "products", "customerInfo", "metadata" };
  TgpValue values[G_N_ELEMENTS (names)];
  gsize total = 0, length;
  GString *members;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      values[i] = tgp_value_member (object, names[i]);
      tgp_value_raw (values[i], &length);
      total += tgp_value_exists (values[i]) ? length : 0;
    }
  if (total == 0)
    return NULL;
  members = g_string_sized_new (total + 64);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    append_member (members, names[i], values[i]);
  return g_string_free (members, FALSE);
}

TgpPaymentRequest *
tgp_payment_request_read_as (TgpValue object, TgpMoneyFlags flags, GError **error)
{
  g_autoptr (TgpPaymentRequest) request = tgp_payment_request_new ();
  TgpValue products = tgp_value_member (object, "products");
  TgpValue customer = tgp_value_member (object, "customerInfo");
  TgpValue metadata = tgp_value_member (object, "metadata");

  if (tgp_value_type (object) != TGP_JSON_OBJECT)
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "paymentRequest must be an object");
      return NULL;
    }
  if (!tgp_get_optional_id (object, "transactionId", &request->transaction_id, error))
    return NULL;
  if (!tgp_value_exists (tgp_value_member (object, "amount")))
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_MISSING_FIELD, "amount is required");
      return NULL;
    }
  if (!tgp_value_read_currency (object, request->currency, error) ||
      !tgp_value_read_money (tgp_value_member (object, "amount"), request->currency, "amount", flags,
                             &request->amount, error) ||
      !read_method (object, &request->method, error) ||
      !tgp_get_optional_boolean (object, "webhookMode", FALSE, &request->webhook_mode, error) ||
      !check_products (products, request->currency, error) ||
      !check_object (customer, "customerInfo", error) || !check_object (metadata, "metadata", error))
    return NULL;

  request->extras = join_extras (object);
  return g_steal_pointer (&request);
}

TgpPaymentRequest *
tgp_payment_request_read (TgpValue object, GError **error)
{
  return tgp_payment_request_read_as (object, TGP_MONEY_STRICT, error);
}

void
tgp_payment_request_write (TgpJsonWriter *writer, const char *name, const TgpPaymentRequest *request)
{
  tgp_json_open_object (writer, name);
  tgp_json_optional_string (writer, "transactionId", request->transaction_id);
  tgp_json_money (writer, "amount", request->amount, request->currency);
  tgp_json_string (writer, "currency", request->currency);
  tgp_json_string (writer, "paymentMethod", tgp_method_name (request->method));
  tgp_json_raw_members (writer, request->extras);
  tgp_json_close_object (writer);
}

char *
tgp_payment_request_to_json (const TgpPaymentRequest *request)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_payment_request_write (&writer, NULL, request);
  return tgp_json_writer_end (&writer);
}
