/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests, addresses, key files, errors: what needs no gateway. */
#include <glib/gstdio.h>

#include "libtgwclient/tgw-credentials.h"
#include "libtgwclient/tgw-endpoint.h"
#include "libtgwclient/tgw-payment-request-private.h"
#include "libtgwclient/tgwclient.h"
#include "protocol/id.h"

static void
test_amounts (void)
{
  static const struct
  {
    const char *text;
    const char *currency;
    gint64 minor; /* 0: refused */
    const char *back;
  } cases[] = {
    { "12.34", "EUR", 1234, "12.34" },
    { "12.3", "EUR", 1230, "12.30" },
    { "12", "EUR", 1200, "12.00" },
    { "1234", "JPY", 1234, "1234" },
    { "1.234", "KWD", 1234, "1.234" },
    { "0.01", "EUR", 1, "0.01" },
    { "9999999999999.99", "EUR", 999999999999999, "9999999999999.99" },
    { "99999999999999.99", "EUR", 0, NULL },
    { "12.345", "EUR", 0, NULL },
    { "12.0", "JPY", 0, NULL },
    { "0", "EUR", 0, NULL },
    { "0.00", "EUR", 0, NULL },
    { "-1", "EUR", 0, NULL },
    { "+1", "EUR", 0, NULL },
    { " 1", "EUR", 0, NULL },
    { "1e2", "EUR", 0, NULL },
    { "1,5", "EUR", 0, NULL },
    { "NaN", "EUR", 0, NULL },
    { "", "EUR", 0, NULL },
    { "1", "eur", 0, NULL },
    { "1", "XXQ", 0, NULL },
    { "1", "", 0, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TgwPaymentRequest) request =
        tgw_payment_request_new_from_text (cases[i].text, cases[i].currency, &error);
      g_autofree char *back = NULL;

      if (cases[i].minor == 0)
        {
          g_assert_null (request);
          g_assert_true (g_error_matches (error, TGW_ERROR, TGW_ERROR_INVALID_AMOUNT) ||
                         g_error_matches (error, TGW_ERROR, TGW_ERROR_INVALID_CURRENCY));
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpint (tgw_payment_request_get_amount (request), ==, cases[i].minor);
      g_assert_cmpstr (tgw_payment_request_get_currency (request), ==, cases[i].currency);
      back = tgw_payment_request_dup_amount_text (request);
      g_assert_cmpstr (back, ==, cases[i].back);
    }
}

static void
test_minor_units (void)
{
  static const gint64 bad[] = { 0, -1, G_MININT64, 1000000000000000, G_MAXINT64 };
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPaymentRequest) request = tgw_payment_request_new (1234, "EUR", &error);

  g_assert_no_error (error);
  g_assert_cmpint (tgw_payment_request_get_amount (request), ==, 1234);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (tgw_payment_request_new (bad[i], "EUR", &error));
      g_assert_error (error, TGW_ERROR, TGW_ERROR_INVALID_AMOUNT);
      if (bad[i] <= 0)
        g_assert_nonnull (strstr (error->message, "more than 0"));
      g_clear_error (&error);
    }
  g_assert_null (tgw_payment_request_new (1, "NIX", &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_INVALID_CURRENCY);
}

static void
test_request (void)
{
  g_autoptr (TgwPaymentRequest) request = tgw_payment_request_new (1, "EUR", NULL);
  g_autoptr (TgwPaymentRequest) other = tgw_payment_request_new (1, "EUR", NULL);
  g_autoptr (TgpPaymentRequest) wire = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL, *large = NULL, *padding = g_strnfill (8192, 'x');
  const char *id = tgw_payment_request_get_transaction_id (request);

  g_assert_true (tgp_id_valid (id, strlen (id)));
  g_assert_cmpstr (id, !=, tgw_payment_request_get_transaction_id (other));

  g_assert_false (tgw_payment_request_set_transaction_id (request, "has space", &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_INVALID_FIELD);
  g_clear_error (&error);
  g_assert_false (tgw_payment_request_set_metadata (request, "[1]", &error));
  g_clear_error (&error);
  g_assert_false (tgw_payment_request_set_metadata (request, "{\"a\":1,\"a\":2}", &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_MALFORMED_JSON);
  g_clear_error (&error);
  large = g_strdup_printf ("{\"a\":\"%s\"}", padding);
  g_assert_false (tgw_payment_request_set_metadata (request, large, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_INVALID_FIELD);
  g_clear_error (&error);

  g_assert_true (tgw_payment_request_set_transaction_id (request, "ORDER-17", &error));
  g_assert_true (tgw_payment_request_set_metadata (request, "{\"order\":17}", &error));
  tgw_payment_request_set_method (request, TGW_PAYMENT_METHOD_MOBILE);
  wire = tgw_payment_request_to_wire (request);
  json = tgp_payment_request_to_json (wire);
  g_assert_cmpstr (json, ==,
                   "{\"transactionId\":\"ORDER-17\",\"amount\":\"0.01\",\"currency\":\"EUR\","
                   "\"paymentMethod\":\"MOBILE\",\"metadata\":{\"order\":17}}");
}

static void
test_addresses (void)
{
  static const struct
  {
    const char *address;
    gboolean allow;
    const char *endpoint; /* NULL: refused */
    TgwError code;
  } cases[] = {
    { "http://127.0.0.1:8470", FALSE, "ws://127.0.0.1:8470/v1/ws", 0 },
    { "http://127.9.9.9:8470/", FALSE, "ws://127.9.9.9:8470/v1/ws", 0 },
    { "http://localhost", FALSE, "ws://localhost/v1/ws", 0 },
    { "http://LOCALHOST:1", FALSE, "ws://LOCALHOST:1/v1/ws", 0 },
    { "http://[::1]:8470", FALSE, "ws://[::1]:8470/v1/ws", 0 },
    { "ws://127.0.0.1:1/", FALSE, "ws://127.0.0.1:1/v1/ws", 0 },
    { "https://gw.example", FALSE, "wss://gw.example/v1/ws", 0 },
    { "wss://gw.example/pos//", FALSE, "wss://gw.example/pos/v1/ws", 0 },
    { "http://192.168.1.5:8470", TRUE, "ws://192.168.1.5:8470/v1/ws", 0 },
    { "http://192.168.1.5:8470", FALSE, NULL, TGW_ERROR_INSECURE_ADDRESS },
    { "ws://gw.example", FALSE, NULL, TGW_ERROR_INSECURE_ADDRESS },
    { "http://localhost.evil.example", FALSE, NULL, TGW_ERROR_INSECURE_ADDRESS },
    { "http://127.0.0.1.evil.example", FALSE, NULL, TGW_ERROR_INSECURE_ADDRESS },
    { "http://0.0.0.0:1", FALSE, NULL, TGW_ERROR_INSECURE_ADDRESS },
    { "ftp://127.0.0.1", TRUE, NULL, TGW_ERROR_INVALID_ADDRESS },
    { "127.0.0.1:8470", TRUE, NULL, TGW_ERROR_INVALID_ADDRESS },
    { "https://user:secret@gw.example", TRUE, NULL, TGW_ERROR_INVALID_ADDRESS },
    { "https://gw.example?x=y", TRUE, NULL, TGW_ERROR_INVALID_ADDRESS },
    { "https://", TRUE, NULL, TGW_ERROR_INVALID_ADDRESS },
    { "", TRUE, NULL, TGW_ERROR_INVALID_ADDRESS },
    { "https://gw.example:99999", TRUE, NULL, TGW_ERROR_INVALID_ADDRESS },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GUri) uri = tgw_endpoint_parse (cases[i].address, cases[i].allow, &error);
      g_autofree char *text = uri != NULL ? g_uri_to_string (uri) : NULL;

      g_assert_cmpstr (text, ==, cases[i].endpoint);
      if (uri == NULL)
        g_assert_error (error, TGW_ERROR, (int) cases[i].code);
    }
}

static void
test_key_files (void)
{
  static const struct
  {
    const char *text;
    gboolean good;
  } cases[] = {
    { "{\"keyId\":\"k\",\"apiKey\":\"A\",\"apiSecret\":\"B\",\"role\":\"pos\",\"groupId\":\"g\"}\n", TRUE },
    { "{\"apiKey\":\"A\",\"apiSecret\":\"B\"}", TRUE },
    { "{\"apiKey\":\"A\"}", FALSE },
    { "{\"apiKey\":\"A\",\"apiSecret\":\"\"}", FALSE },
    { "{\"apiKey\":\"A\",\"apiSecret\":7}", FALSE },
    { "{\"apiKey\":\"A\\r\\nX: y\",\"apiSecret\":\"B\"}", FALSE },
    { "topsecret", FALSE },
    { "", FALSE },
  };
  g_autofree char *folder = g_dir_make_tmp ("tgw-keys-XXXXXX", NULL),
                  *path = g_build_filename (folder, "key", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *key = NULL, *secret = NULL;

      g_assert_true (g_file_set_contents (path, cases[i].text, -1, NULL));
      g_assert_true (tgw_credentials_load (path, &key, &secret, &error) == cases[i].good);
      if (cases[i].good)
        {
          g_assert_cmpstr (key, ==, "A");
          g_assert_cmpstr (secret, ==, "B");
        }
      else
        {
          g_assert_error (error, TGW_ERROR, TGW_ERROR_INVALID_KEY_FILE);
          g_assert_null (strstr (error->message, "topsecret"));
        }
    }
  g_remove (path);
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (tgw_client_new_from_key_file ("http://127.0.0.1:1", path, &error));
    g_assert_error (error, TGW_ERROR, TGW_ERROR_INVALID_KEY_FILE);
  }
  g_rmdir (folder);
}

static void
test_request_from_json (void)
{
  static const char text[] =
    "{\"transactionId\":\"T-1\",\"amount\":\"12.30\",\"currency\":\"EUR\",\"paymentMethod\":\"CASH\","
    "\"products\":[{\"id\":\"a\",\"name\":\"A\",\"price\":\"1.00\",\"quantity\":1}],"
    "\"customerInfo\":{\"customerId\":\"c\",\"loyalty\":\"gold\"},\"metadata\":{\"till\":4}}";
  static const struct
  {
    const char *text;
    int code;
  } bad[] = {
    { "{", TGW_ERROR_MALFORMED_JSON },
    { "{\"amount\":\"1.00\"}", TGW_ERROR_MISSING_FIELD },
    { "{\"amount\":\"1.001\",\"currency\":\"EUR\",\"paymentMethod\":\"CARD\"}", TGW_ERROR_INVALID_AMOUNT },
    { "{\"amount\":\"1.00\",\"currency\":\"EUR\",\"paymentMethod\":\"CARD\",\"webhookMode\":true}",
      TGW_ERROR_INVALID_FIELD },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPaymentRequest) request = tgw_payment_request_new_from_json (text, &error);
  g_autoptr (TgpPaymentRequest) wire = NULL;
  g_autofree char *json = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (tgw_payment_request_get_transaction_id (request), ==, "T-1");
  g_assert_cmpint (tgw_payment_request_get_amount (request), ==, 1230);
  g_assert_cmpint (tgw_payment_request_get_method (request), ==, TGW_PAYMENT_METHOD_CASH);
  wire = tgw_payment_request_to_wire (request);
  json = tgp_payment_request_to_json (wire);
  g_assert_cmpstr (json, ==, text);

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) reason = NULL;

      g_assert_null (tgw_payment_request_new_from_json (bad[i].text, &reason));
      g_assert_error (reason, TGW_ERROR, bad[i].code);
    }
}

static void
test_errors (void)
{
  static const struct
  {
    int code;
    const char *name;
    gboolean retry_safe, authentication, connection;
  } cases[] = {
    { TGW_ERROR_TERMINAL_OFFLINE, "TERMINAL_OFFLINE", TRUE, FALSE, FALSE },
    { TGW_ERROR_PAYMENT_IN_PROGRESS, "PAYMENT_IN_PROGRESS", TRUE, FALSE, FALSE },
    { TGW_ERROR_TIMEOUT, "TIMEOUT", FALSE, FALSE, FALSE },
    { TGW_ERROR_INTERNAL_ERROR, "INTERNAL_ERROR", FALSE, FALSE, FALSE },
    { TGW_ERROR_GATEWAY_UNAVAILABLE, "GATEWAY_UNAVAILABLE", TRUE, FALSE, FALSE },
    { TGW_ERROR_UNAUTHORIZED, "UNAUTHORIZED", TRUE, TRUE, FALSE },
    { TGW_ERROR_NOT_CONNECTED, "NOT_CONNECTED", TRUE, FALSE, TRUE },
    { TGW_ERROR_UNREACHABLE, "UNREACHABLE", TRUE, FALSE, TRUE },
    { TGW_ERROR_CONNECTION_LOST, "CONNECTION_LOST", FALSE, FALSE, TRUE },
    { TGW_ERROR_PROTOCOL, "PROTOCOL", FALSE, FALSE, FALSE },
  };
  g_autoptr (GError) foreign = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "x");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (TGW_ERROR, cases[i].code, "x");

      g_assert_cmpstr (tgw_error_code_name (error), ==, cases[i].name);
      g_assert_true (tgw_error_is_retry_safe (error) == cases[i].retry_safe);
      g_assert_true (tgw_error_is_authentication (error) == cases[i].authentication);
      g_assert_true (tgw_error_is_connection (error) == cases[i].connection);
    }
  g_assert_null (tgw_error_code_name (foreign));
  g_assert_false (tgw_error_is_retry_safe (foreign));
}

static void
test_products (void)
{
  g_autoptr (TgwPaymentRequest) request = tgw_payment_request_new_from_text ("5.00", "EUR", NULL);
  g_autoptr (TgwProduct) tea = tgw_product_new ("p1", "Tea “Darjeeling”", 250, "2");
  g_autoptr (TgwProduct) nuts = tgw_product_new ("p2", "Nuts", 1999, "0.350");
  g_autoptr (TgwProduct) bad = tgw_product_new ("p3", "Air", 1, "-1");
  g_autofree char *long_name = g_strnfill (1000, 'x');
  g_autoptr (TgpPaymentRequest) wire = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (nuts, "category", "food", "sku", "4006040", "brand", "Nuss", "tax", (gint64) 13, "discount",
                (gint64) 50, NULL);
  g_assert_true (tgw_payment_request_add_product (request, tea, &error));
  g_assert_true (tgw_payment_request_add_product (request, nuts, &error));
  g_object_set (tea, "name", "Coffee", NULL); /* too late */
  g_assert_false (tgw_payment_request_add_product (request, bad, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_INVALID_FIELD);
  g_assert_nonnull (strstr (error->message, "products[2].quantity"));
  g_clear_error (&error);
  g_assert_true (tgw_payment_request_set_customer (request, "C-1", "a@example.org", &error));
  g_assert_true (tgw_payment_request_set_metadata (request, "{\"order\":7}", &error));
  wire = tgw_payment_request_to_wire (request);
  g_assert_cmpstr (
    wire->extras, ==,
    "\"products\":[{\"id\":\"p1\",\"name\":\"Tea “Darjeeling”\",\"quantity\":\"2\",\"price\":\"2.50\"},"
    "{\"id\":\"p2\",\"name\":\"Nuts\",\"quantity\":\"0.350\",\"category\":\"food\",\"sku\":\"4006040\","
    "\"brand\":\"Nuss\",\"price\":\"19.99\",\"tax\":\"0.13\",\"discount\":\"0.50\"}],"
    "\"customerInfo\":{\"customerId\":\"C-1\",\"email\":\"a@example.org\"},\"metadata\":{\"order\":7}");

  /* More than a message can carry is refused here, with what was there kept. */
  while (error == NULL)
    {
      g_autoptr (TgwProduct) more = tgw_product_new ("m", long_name, 1, "1");

      tgw_payment_request_add_product (request, more, &error);
    }
  g_assert_error (error, TGW_ERROR, TGW_ERROR_MESSAGE_TOO_LARGE);
  g_clear_error (&error);
  g_assert_true (tgw_payment_request_set_customer (request, NULL, NULL, &error));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/values/amounts", test_amounts);
  g_test_add_func ("/sdk/values/minor-units", test_minor_units);
  g_test_add_func ("/sdk/values/request", test_request);
  g_test_add_func ("/sdk/values/addresses", test_addresses);
  g_test_add_func ("/sdk/values/key-files", test_key_files);
  g_test_add_func ("/sdk/values/request-from-json", test_request_from_json);
  g_test_add_func ("/sdk/values/errors", test_errors);
  g_test_add_func ("/sdk/values/products", test_products);
  return g_test_run ();
}
