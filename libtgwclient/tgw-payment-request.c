/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-payment-request-private.h"

#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-product-private.h"
#include "protocol/error.h"
#include "protocol/id.h"
#include "protocol/money.h"

#define MAX_METADATA 8192
/* A message has at most 64 KiB, and its frame takes some. */
#define MAX_REQUEST (63 * 1024)

/**
 * TgwPaymentRequest:
 *
 * What a till asks a terminal to charge (section 4 of the protocol, “PaymentRequest”).
 *
 * Amounts are whole minor units (cents) or exact decimal text, never floating point. One request is one
 * payment: its transaction id is chosen when the request is made, so that a program can write it down before
 * it pays.
 *
 * It belongs to no thread, but only one at a time may use it.
 *
 * Since: 0.1
 */
struct _TgwPaymentRequest
{
  GObject parent_instance;

  TgpPaymentRequest *wire;
  char *metadata; /* JSON text; nullable, as is the next one */
  char *customer;
  char *lines;         /* of products: JSON values, with commas in between; nullable */
  GPtrArray *products; /* TgwProduct, behind those */
};

G_DEFINE_FINAL_TYPE (TgwPaymentRequest, tgw_payment_request, G_TYPE_OBJECT)

G_STATIC_ASSERT ((int) TGW_PAYMENT_METHOD_CARD == (int) TGP_METHOD_CARD);
G_STATIC_ASSERT ((int) TGW_PAYMENT_METHOD_OTHER == (int) TGP_METHOD_OTHER);

static void
tgw_payment_request_finalize (GObject *object)
{
  TgwPaymentRequest *self = TGW_PAYMENT_REQUEST (object);

  tgp_payment_request_free (self->wire);
  g_free (self->metadata);
  g_free (self->customer);
  g_free (self->lines);
  g_ptr_array_unref (self->products);
  G_OBJECT_CLASS (tgw_payment_request_parent_class)->finalize (object);
}

static void
tgw_payment_request_class_init (TgwPaymentRequestClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tgw_payment_request_finalize;
}

static char *
new_transaction_id (void)
{
  char text[TGP_UUID_SIZE];
  guint8 random[10];

  for (gsize i = 0; i < G_N_ELEMENTS (random); i++)
    random[i] = (guint8) g_random_int_range (0, 256);
  return g_strdup (tgp_uuid7_format (g_get_real_time () / 1000, random, text));
}

static void
tgw_payment_request_init (TgwPaymentRequest *self)
{
  self->wire = tgp_payment_request_new ();
  self->wire->method = TGP_METHOD_CARD;
  self->wire->transaction_id = new_transaction_id ();
  self->products = g_ptr_array_new_with_free_func (g_object_unref);
}

/* The protocol's errors have the same codes under another name. */
static gboolean
propagate (GError **error, GError *reason)
{
  if (reason->domain == TGP_ERROR)
    reason->domain = TGW_ERROR;
  g_propagate_error (error, reason);
  return FALSE;
}

/**
 * tgw_payment_request_new:
 * @amount: the amount in minor units, such as 1234 for 12.34 EUR or for 1234 JPY
 * @currency: an ISO 4217 code, such as `EUR`
 * @error: return location for an error
 *
 * Asks for an amount in minor units. The error is `TGW_ERROR_INVALID_AMOUNT` or `TGW_ERROR_INVALID_CURRENCY`.
 *
 * Returns: (transfer full): a request, or `NULL` with an error
 * Since: 0.1
 */
TgwPaymentRequest *
tgw_payment_request_new (gint64 amount, const char *currency, GError **error)
{
  char text[TGP_MONEY_SIZE];

  g_return_val_if_fail (currency != NULL, NULL);

  if (amount <= 0)
    {
      g_set_error_literal (error, TGW_ERROR, TGW_ERROR_INVALID_AMOUNT, "The amount must be more than 0");
      return NULL;
    }
  if (tgp_currency_decimals (currency) < 0)
    return tgw_payment_request_new_from_text ("1", currency, error);
  return tgw_payment_request_new_from_text (tgp_money_format (amount, currency, text), currency, error);
}

/**
 * tgw_payment_request_new_from_text:
 * @amount: the amount as exact decimal text in major units, such as `12.34`
 * @currency: an ISO 4217 code, such as `EUR`
 * @error: return location for an error
 *
 * Asks for an amount as a person types it. More decimals than the currency has, zero, signs, spaces and
 * exponents are refused, not rounded: `TGW_ERROR_INVALID_AMOUNT`. A currency that is none is
 * `TGW_ERROR_INVALID_CURRENCY`.
 *
 * Returns: (transfer full): a request, or `NULL` with an error
 * Since: 0.1
 */
TgwPaymentRequest *
tgw_payment_request_new_from_text (const char *amount, const char *currency, GError **error)
{
  g_autoptr (TgwPaymentRequest) self = NULL;
  GError *reason = NULL;
  gint64 minor;

  g_return_val_if_fail (amount != NULL, NULL);
  g_return_val_if_fail (currency != NULL, NULL);

  if (!tgp_money_parse (amount, strlen (amount), currency, "amount", &minor, &reason))
    {
      propagate (error, reason);
      return NULL;
    }
  self = g_object_new (TGW_TYPE_PAYMENT_REQUEST, NULL);
  self->wire->amount = minor;
  g_strlcpy (self->wire->currency, currency, sizeof self->wire->currency);
  return g_steal_pointer (&self);
}

static char *
raw_member (TgpValue object, const char *name)
{
  TgpValue value = tgp_value_member (object, name);

  return tgp_value_exists (value) ? tgp_value_dup_raw (value) : NULL;
}

/**
 * tgw_payment_request_new_from_json:
 * @json: a payment request as the gateway's HTTP API takes it, as JSON text
 * @error: return location for an error
 *
 * Asks for what a JSON object says: for programs that pass the requests of others on. Products, customer and
 * metadata reach the gateway as they are. Without a `transactionId` it gets a random one. `webhookMode` is
 * refused.
 *
 * Returns: (transfer full): a request, or `NULL` with an error that names the member at fault
 * Since: 0.1
 */
TgwPaymentRequest *
tgw_payment_request_new_from_json (const char *json, GError **error)
{
  g_autoptr (TgwPaymentRequest) self = NULL;
  g_autoptr (TgpJson) parsed = NULL;
  g_autoptr (TgpPaymentRequest) wire = NULL;
  g_autofree char *products = NULL;
  GError *reason = NULL;
  TgpValue root;

  g_return_val_if_fail (json != NULL, NULL);

  parsed = tgp_json_parse_object (json, strlen (json), &reason);
  if (parsed != NULL)
    wire = tgp_payment_request_read (tgp_json_root (parsed), &reason);
  if (wire == NULL)
    {
      propagate (error, reason);
      return NULL;
    }
  if (wire->webhook_mode)
    {
      g_set_error_literal (error, TGW_ERROR, TGW_ERROR_INVALID_FIELD,
                           "webhookMode true is not supported; leave it out");
      return NULL;
    }
  root = tgp_json_root (parsed);
  self = g_object_new (TGW_TYPE_PAYMENT_REQUEST, NULL);
  self->wire->amount = wire->amount;
  self->wire->method = wire->method;
  memcpy (self->wire->currency, wire->currency, sizeof self->wire->currency);
  if (wire->transaction_id != NULL)
    {
      g_free (self->wire->transaction_id);
      self->wire->transaction_id = g_steal_pointer (&wire->transaction_id);
    }
  self->metadata = raw_member (root, "metadata");
  self->customer = raw_member (root, "customerInfo");
  if (tgp_value_length (tgp_value_member (root, "products")) > 0)
    {
      products = raw_member (root, "products");
      self->lines = g_strndup (products + 1, strlen (products) - 2); /* without the brackets */
    }
  return g_steal_pointer (&self);
}

/**
 * tgw_payment_request_set_transaction_id:
 * @self: a request
 * @transaction_id: 1 to 64 of `A-Z a-z 0-9 . _ : -`, first a letter or digit
 * @error: return location for an error
 *
 * Chooses the transaction id, in place of the random one that every request has. The error is
 * `TGW_ERROR_INVALID_FIELD`.
 *
 * Returns: whether it can be used
 * Since: 0.1
 */
gboolean
tgw_payment_request_set_transaction_id (TgwPaymentRequest *self, const char *transaction_id, GError **error)
{
  g_return_val_if_fail (TGW_IS_PAYMENT_REQUEST (self), FALSE);
  g_return_val_if_fail (transaction_id != NULL, FALSE);

  if (!tgp_id_valid (transaction_id, strlen (transaction_id)))
    {
      g_set_error_literal (
        error, TGW_ERROR, TGW_ERROR_INVALID_FIELD,
        "A transaction id has 1 to 64 of A-Z a-z 0-9 . _ : - and starts with a letter or digit");
      return FALSE;
    }
  g_free (self->wire->transaction_id);
  self->wire->transaction_id = g_strdup (transaction_id);
  return TRUE;
}

/**
 * tgw_payment_request_get_transaction_id:
 * @self: a request
 *
 * The transaction id of the payment that this request will be.
 *
 * Returns: (transfer none): the transaction id
 * Since: 0.1
 */
const char *
tgw_payment_request_get_transaction_id (TgwPaymentRequest *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT_REQUEST (self), NULL);

  return self->wire->transaction_id;
}

/**
 * tgw_payment_request_set_method:
 * @self: a request
 * @method: a method
 *
 * Chooses how the customer pays; a card if nobody says otherwise.
 *
 * Since: 0.1
 */
void
tgw_payment_request_set_method (TgwPaymentRequest *self, TgwPaymentMethod method)
{
  g_return_if_fail (TGW_IS_PAYMENT_REQUEST (self));
  g_return_if_fail (method <= TGW_PAYMENT_METHOD_OTHER);

  self->wire->method = (TgpMethod) method;
}

/**
 * tgw_payment_request_get_method:
 * @self: a request
 *
 * How the customer pays.
 *
 * Returns: the method
 * Since: 0.1
 */
TgwPaymentMethod
tgw_payment_request_get_method (TgwPaymentRequest *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT_REQUEST (self), TGW_PAYMENT_METHOD_CARD);

  return (TgwPaymentMethod) self->wire->method;
}

/**
 * tgw_payment_request_set_metadata:
 * @self: a request
 * @json: (nullable): a JSON object as text, at most 8 KiB
 * @error: return location for an error
 *
 * Attaches data of the till's own, such as an order number. The gateway stores and returns it. The error is
 * `TGW_ERROR_MALFORMED_JSON` or `TGW_ERROR_INVALID_FIELD`.
 *
 * Returns: whether it can be used
 * Since: 0.1
 */
gboolean
tgw_payment_request_set_metadata (TgwPaymentRequest *self, const char *json, GError **error)
{
  GError *reason = NULL;

  g_return_val_if_fail (TGW_IS_PAYMENT_REQUEST (self), FALSE);

  if (json != NULL)
    {
      g_autoptr (TgpJson) parsed = tgp_json_parse_object (json, strlen (json), &reason);

      if (parsed == NULL)
        return propagate (error, reason);
      if (strlen (json) > MAX_METADATA)
        {
          g_set_error_literal (error, TGW_ERROR, TGW_ERROR_INVALID_FIELD, "metadata has more than 8 KiB");
          return FALSE;
        }
    }
  g_free (self->metadata);
  self->metadata = g_strdup (json);
  return TRUE;
}

/**
 * tgw_payment_request_get_amount:
 * @self: a request
 *
 * The amount in minor units.
 *
 * Returns: the amount
 * Since: 0.1
 */
gint64
tgw_payment_request_get_amount (TgwPaymentRequest *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT_REQUEST (self), 0);

  return self->wire->amount;
}

/**
 * tgw_payment_request_get_currency:
 * @self: a request
 *
 * The currency of the amount.
 *
 * Returns: (transfer none): an ISO 4217 code
 * Since: 0.1
 */
const char *
tgw_payment_request_get_currency (TgwPaymentRequest *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT_REQUEST (self), NULL);

  return self->wire->currency;
}

/**
 * tgw_payment_request_dup_amount_text:
 * @self: a request
 *
 * The amount in major units, with the decimals of its currency, such as `12.30`.
 *
 * Returns: (transfer full): the amount
 * Since: 0.1
 */
char *
tgw_payment_request_dup_amount_text (TgwPaymentRequest *self)
{
  char text[TGP_MONEY_SIZE];

  g_return_val_if_fail (TGW_IS_PAYMENT_REQUEST (self), NULL);

  return g_strdup (tgp_money_format (self->wire->amount, self->wire->currency, text));
}

/* The members that the wire has beside the amount and its like. */
static char *
extras_of (TgwPaymentRequest *self)
{
  g_autofree char *object = NULL;
  TgpJsonWriter writer;
  gsize length;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  if (self->products->len > 0 || self->lines != NULL)
    {
      tgp_json_open_array (&writer, "products");
      if (self->lines != NULL)
        tgp_json_raw (&writer, NULL, self->lines);
      for (guint i = 0; i < self->products->len; i++)
        tgw_product_write (self->products->pdata[i], &writer, self->wire->currency);
      tgp_json_close_array (&writer);
    }
  if (self->customer != NULL)
    tgp_json_raw (&writer, "customerInfo", self->customer);
  if (self->metadata != NULL)
    tgp_json_raw (&writer, "metadata", self->metadata);
  tgp_json_close_object (&writer);
  object = tgp_json_writer_end (&writer);
  length = strlen (object);
  return length > 2 ? g_strndup (object + 1, length - 2) : NULL;
}

/* As strict as the gateway, so that nothing is refused there that was accepted here. */
static gboolean
check (TgwPaymentRequest *self, GError **error)
{
  g_autoptr (TgpPaymentRequest) wire = tgw_payment_request_to_wire (self), read = NULL;
  g_autofree char *text = tgp_payment_request_to_json (wire);
  g_autoptr (TgpJson) json = NULL;
  GError *reason = NULL;

  if (strlen (text) > MAX_REQUEST)
    {
      g_set_error_literal (error, TGW_ERROR, TGW_ERROR_MESSAGE_TOO_LARGE, "The request has more than 63 KiB");
      return FALSE;
    }
  json = tgp_json_parse_object (text, strlen (text), &reason);
  if (json != NULL)
    read = tgp_payment_request_read (tgp_json_root (json), &reason);
  return read != NULL || propagate (error, reason);
}

/**
 * tgw_payment_request_add_product:
 * @self: a request
 * @product: a line of the sale
 * @error: return location for an error
 *
 * Adds a line of the sale, for the terminal's display and for the records. @product is read now: changing it
 * later changes nothing. The error is `TGW_ERROR_INVALID_FIELD`, or `TGW_ERROR_MESSAGE_TOO_LARGE` if the
 * whole request has become larger than 63 KiB.
 *
 * Returns: whether it can be used
 * Since: 0.1
 */
gboolean
tgw_payment_request_add_product (TgwPaymentRequest *self, TgwProduct *product, GError **error)
{
  g_return_val_if_fail (TGW_IS_PAYMENT_REQUEST (self), FALSE);
  g_return_val_if_fail (TGW_IS_PRODUCT (product), FALSE);

  g_ptr_array_add (self->products, tgw_product_copy (product));
  if (check (self, error))
    return TRUE;
  g_ptr_array_set_size (self->products, (int) self->products->len - 1);
  return FALSE;
}

/**
 * tgw_payment_request_set_customer:
 * @self: a request
 * @customer_id: (nullable): the till's name for the customer
 * @email: (nullable): an address for the receipt
 * @error: return location for an error
 *
 * Says who pays. Neither is kept in this computer's journal. The error is `TGW_ERROR_INVALID_FIELD`.
 *
 * Returns: whether it can be used
 * Since: 0.1
 */
gboolean
tgw_payment_request_set_customer (TgwPaymentRequest *self, const char *customer_id, const char *email,
                                  GError **error)
{
  g_autofree char *old = NULL;
  TgpJsonWriter writer;

  g_return_val_if_fail (TGW_IS_PAYMENT_REQUEST (self), FALSE);

  old = g_steal_pointer (&self->customer);
  if (customer_id == NULL && email == NULL)
    return TRUE;
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_optional_string (&writer, "customerId", customer_id);
  tgp_json_optional_string (&writer, "email", email);
  tgp_json_close_object (&writer);
  self->customer = tgp_json_writer_end (&writer);
  if (check (self, error))
    return TRUE;
  g_free (self->customer);
  self->customer = g_steal_pointer (&old);
  return FALSE;
}

TgpPaymentRequest *
tgw_payment_request_to_wire (TgwPaymentRequest *self)
{
  TgpPaymentRequest *wire = tgp_payment_request_new ();

  wire->transaction_id = g_strdup (self->wire->transaction_id);
  wire->amount = self->wire->amount;
  memcpy (wire->currency, self->wire->currency, sizeof wire->currency);
  wire->method = self->wire->method;
  wire->extras = extras_of (self);
  return wire;
}

const char *
tgw_payment_request_get_metadata (TgwPaymentRequest *self)
{
  return self->metadata;
}
