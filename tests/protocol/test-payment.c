/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/error.h"
#include "protocol/payment.h"

#include <string.h>

static TgpPaymentRequest *
read_request (const char *text, GError **error)
{
  g_autoptr (TgpJson) json = tgp_json_parse (text, strlen (text), error);

  return json != NULL ? tgp_payment_request_read (tgp_json_root (json), error) : NULL;
}

#define HEAD "{\"amount\":\"1\",\"currency\":\"EUR\",\"paymentMethod\":\"CARD\","
#define PRODUCT(members)                                                                                     \
  HEAD "\"products\":[{\"id\":\"1\",\"name\":\"n\",\"price\":\"1\",\"quantity\":1},{" members "}]}"

static void
test_good (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpPaymentRequest) request =
    read_request ("{\"transactionId\":\"TXN-1\",\"amount\":12.3,\"currency\":\"EUR\",\"paymentMethod\":"
                  "\"MOBILE\",\"webhookMode\":true,"
                  "\"metadata\":{\"a\": [1, 2]},\"unknown\":[],\"customerInfo\":{\"email\":\"a@b\"},"
                  "\"products\":[{\"id\":\"p\",\"name\":\"n\",\"price\":0,\"quantity\":\"0.5\",\"tax\":\"0."
                  "10\",\"discount\":null,\"sku\":\"s\"}]}",
                  &error);
  g_autofree char *json = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (request->transaction_id, ==, "TXN-1");
  g_assert_cmpint (request->amount, ==, 1230);
  g_assert_cmpstr (request->currency, ==, "EUR");
  g_assert_cmpint (request->method, ==, TGP_METHOD_MOBILE);
  g_assert_true (request->webhook_mode);
  g_assert_cmpstr (
    request->extras, ==,
    "\"products\":[{\"id\":\"p\",\"name\":\"n\",\"price\":0,\"quantity\":\"0.5\",\"tax\":\"0.10\","
    "\"discount\":null,\"sku\":\"s\"}],\"customerInfo\":{\"email\":\"a@b\"},\"metadata\":{\"a\": [1, 2]}");
  json = tgp_payment_request_to_json (request);
  g_assert_true (g_str_has_prefix (json,
                                   "{\"transactionId\":\"TXN-1\",\"amount\":\"12.30\",\"currency\":\"EUR\","
                                   "\"paymentMethod\":\"MOBILE\",\"products\":[{"));
  g_assert_null (strstr (json, "webhookMode"));
}

static void
test_bad (void)
{
  static const struct
  {
    const char *text;
    TgpErrorCode code;
    const char *message;
  } cases[] = {
    { "[]", TGP_ERROR_INVALID_FIELD, "paymentRequest must be an object" },
    { "{}", TGP_ERROR_MISSING_FIELD, "amount is required" },
    { "{\"amount\":null,\"currency\":\"EUR\"}", TGP_ERROR_MISSING_FIELD, "amount is required" },
    { "{\"amount\":\"1\"}", TGP_ERROR_MISSING_FIELD, "currency is required" },
    { "{\"amount\":\"1\",\"currency\":\"EUR\"}", TGP_ERROR_MISSING_FIELD, "paymentMethod is required" },
    { "{\"amount\":\"1.234\",\"currency\":\"EUR\",\"paymentMethod\":\"CARD\"}", TGP_ERROR_INVALID_AMOUNT,
      "amount has 3 decimals, EUR takes 2" },
    { "{\"amount\":1.234,\"currency\":\"EUR\",\"paymentMethod\":\"CARD\"}", TGP_ERROR_INVALID_AMOUNT,
      "amount has 3 decimals, EUR takes 2" },
    { "{\"amount\":1e2,\"currency\":\"EUR\",\"paymentMethod\":\"CARD\"}", TGP_ERROR_INVALID_AMOUNT,
      "amount must be a plain decimal number like \"12.34\"" },
    { "{\"amount\":-1,\"currency\":\"EUR\",\"paymentMethod\":\"CARD\"}", TGP_ERROR_INVALID_AMOUNT,
      "amount must be a plain decimal number like \"12.34\"" },
    { "{\"amount\":0,\"currency\":\"EUR\",\"paymentMethod\":\"CARD\"}", TGP_ERROR_INVALID_AMOUNT,
      "amount must be more than zero" },
    { "{\"amount\":true,\"currency\":\"EUR\",\"paymentMethod\":\"CARD\"}", TGP_ERROR_INVALID_AMOUNT,
      "amount must be a decimal string or a number" },
    { "{\"amount\":\"1\",\"currency\":\"eur\",\"paymentMethod\":\"CARD\"}", TGP_ERROR_INVALID_CURRENCY,
      "currency must be an ISO 4217 code" },
    { "{\"amount\":\"1\",\"currency\":978,\"paymentMethod\":\"CARD\"}", TGP_ERROR_INVALID_CURRENCY,
      "currency must be an ISO 4217 code" },
    { "{\"amount\":\"1\",\"currency\":\"EUR\",\"paymentMethod\":\"card\"}", TGP_ERROR_INVALID_FIELD,
      "paymentMethod must be CARD, CASH, MOBILE or OTHER" },
    { HEAD "\"transactionId\":\"-x\"}", TGP_ERROR_INVALID_FIELD,
      "transactionId must be 1 to 64 of A-Z a-z 0-9 . _ : - and start with a letter or digit" },
    { HEAD "\"transactionId\":7}", TGP_ERROR_INVALID_FIELD, "transactionId must be a string" },
    { HEAD "\"webhookMode\":\"true\"}", TGP_ERROR_INVALID_FIELD, "webhookMode must be true or false" },
    { HEAD "\"products\":{}}", TGP_ERROR_INVALID_FIELD, "products must be an array" },
    { HEAD "\"products\":[1]}", TGP_ERROR_INVALID_FIELD, "products[0] must be an object" },
    { HEAD "\"metadata\":[]}", TGP_ERROR_INVALID_FIELD, "metadata must be an object of at most 8 KiB" },
    { HEAD "\"customerInfo\":\"x\"}", TGP_ERROR_INVALID_FIELD,
      "customerInfo must be an object of at most 8 KiB" },
    { PRODUCT (""), TGP_ERROR_MISSING_FIELD, "products[1].id is required" },
    { PRODUCT ("\"id\":1"), TGP_ERROR_INVALID_FIELD, "products[1].id must be a string" },
    { PRODUCT ("\"id\":\"1\""), TGP_ERROR_MISSING_FIELD, "products[1].name is required" },
    { PRODUCT ("\"id\":\"1\",\"name\":\"n\""), TGP_ERROR_MISSING_FIELD, "products[1].price is required" },
    { PRODUCT ("\"id\":\"1\",\"name\":\"n\",\"price\":\"1.234\""), TGP_ERROR_INVALID_AMOUNT,
      "products[1].price has 3 decimals, EUR takes 2" },
    { PRODUCT ("\"id\":\"1\",\"name\":\"n\",\"price\":-1"), TGP_ERROR_INVALID_AMOUNT,
      "products[1].price must be a plain decimal number like \"12.34\"" },
    { PRODUCT ("\"id\":\"1\",\"name\":\"n\",\"price\":1"), TGP_ERROR_MISSING_FIELD,
      "products[1].quantity is required" },
    { PRODUCT ("\"id\":\"1\",\"name\":\"n\",\"price\":1,\"quantity\":0"), TGP_ERROR_INVALID_FIELD,
      "products[1].quantity must be a positive decimal number" },
    { PRODUCT ("\"id\":\"1\",\"name\":\"n\",\"price\":1,\"quantity\":-1"), TGP_ERROR_INVALID_FIELD,
      "products[1].quantity must be a positive decimal number" },
    { PRODUCT ("\"id\":\"1\",\"name\":\"n\",\"price\":1,\"quantity\":1e1"), TGP_ERROR_INVALID_FIELD,
      "products[1].quantity must be a positive decimal number" },
    { PRODUCT ("\"id\":\"1\",\"name\":\"n\",\"price\":1,\"quantity\":\".5\""), TGP_ERROR_INVALID_FIELD,
      "products[1].quantity must be a positive decimal number" },
    { PRODUCT ("\"id\":\"1\",\"name\":\"n\",\"price\":1,\"quantity\":[]"), TGP_ERROR_INVALID_FIELD,
      "products[1].quantity must be a positive decimal number" },
    { PRODUCT ("\"id\":\"1\",\"name\":\"n\",\"price\":1,\"quantity\":1,\"tax\":\"x\""),
      TGP_ERROR_INVALID_AMOUNT, "products[1].tax must be a plain decimal number like \"12.34\"" },
    { PRODUCT ("\"id\":\"1\",\"name\":\"n\",\"price\":1,\"quantity\":1,\"discount\":{}"),
      TGP_ERROR_INVALID_AMOUNT, "products[1].discount must be a decimal string or a number" },
    { PRODUCT ("\"id\":\"1\",\"name\":\"n\",\"price\":1,\"quantity\":1,\"brand\":5"), TGP_ERROR_INVALID_FIELD,
      "products[1].brand must be a string" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].text);
      g_assert_null (read_request (cases[i].text, &error));
      g_assert_error (error, TGP_ERROR, (int) cases[i].code);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
test_sizes (void)
{
  for (guint i = 0; i < 2; i++)
    {
      const char *name = i == 0 ? "metadata" : "customerInfo";
      /* {"a":"…"} has 8 bytes around the filling. */
      g_autofree char *filling = g_strnfill (8192 - 8, 'x');
      g_autofree char *fits = g_strdup_printf (HEAD "\"%s\":{\"a\":\"%s\"}}", name, filling);
      g_autofree char *too_big = g_strdup_printf (HEAD "\"%s\":{\"a\":\"%sx\"}}", name, filling);
      g_autoptr (TgpPaymentRequest) request = read_request (fits, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_nonnull (request);
      g_assert_null (read_request (too_big, &error));
      g_assert_error (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD);
    }
}

static TgpPaymentResponse *
read_response (const char *text, GError **error)
{
  g_autoptr (TgpJson) json = tgp_json_parse (text, strlen (text), error);

  return json != NULL ? tgp_payment_response_read (tgp_json_root (json), error) : NULL;
}

static void
test_response (void)
{
  static const char full[] =
    "{\"transactionId\":\"TXN-1\",\"status\":\"SUCCESS\",\"amount\":\"99.99\",\"currency\":\"USD\","
    "\"paymentMethod\":\"CARD\","
    "\"authorizationCode\":\"A1\",\"errorCode\":\"E\",\"errorMessage\":\"m\",\"receiptData\":{\"x\": 1},"
    "\"timestamp\":\"2024-01-15T10:30:00.000Z\",\"metadata\":{\"k\":2}}";
  g_autoptr (TgpPaymentResponse) response = read_response (full, NULL);
  g_autoptr (TgpPaymentResponse) copy = tgp_payment_response_copy (response);
  g_autofree char *json = tgp_payment_response_to_json (copy);

  g_assert_cmpstr (json, ==, full);
  g_assert_true (tgp_payment_response_same (response, copy));
  copy->timestamp++;
  g_assert_true (tgp_payment_response_same (response, copy));
  copy->amount++;
  g_assert_false (tgp_payment_response_same (response, copy));
  copy->amount--;
  copy->has_amount = FALSE;
  g_assert_false (tgp_payment_response_same (response, copy));
  copy->has_amount = TRUE;
  g_clear_pointer (&copy->authorization_code, g_free);
  g_assert_false (tgp_payment_response_same (response, copy));
}

/* A success stays a success, whatever else is wrong with it. */
static void
test_response_is_lenient (void)
{
  static const char *const without_amount[] = {
    "{\"status\":\"SUCCESS\"}",
    "{\"status\":\"SUCCESS\",\"amount\":\"1.00\"}",
    "{\"status\":\"SUCCESS\",\"currency\":\"EUR\"}",
    "{\"status\":\"SUCCESS\",\"amount\":\"1.234\",\"currency\":\"EUR\"}",
    "{\"status\":\"SUCCESS\",\"amount\":\"abc\",\"currency\":\"EUR\"}",
    "{\"status\":\"SUCCESS\",\"amount\":1e2,\"currency\":\"EUR\"}",
    "{\"status\":\"SUCCESS\",\"amount\":0,\"currency\":\"EUR\"}",
    "{\"status\":\"SUCCESS\",\"amount\":\"1\",\"currency\":\"euro\"}",
    "{\"status\":\"SUCCESS\",\"amount\":{},\"currency\":[]}",
  };
  g_autofree char *long_text = g_strnfill (1025, 'x');
  g_autofree char *big = g_strnfill (16 * 1024 - 1, 'x');
  g_autofree char *text = g_strdup_printf ("{\"transactionId\":\"-bad-\",\"status\":\"SUCCESS\",\"amount\":"
                                           "\"5\",\"currency\":\"EUR\",\"paymentMethod\":\"BEADS\","
                                           "\"authorizationCode\":5,\"errorCode\":[],\"errorMessage\":\"%s\","
                                           "\"receiptData\":\"%s\",\"timestamp\":\"now\",\"metadata\":[1]}",
                                           long_text, big);
  g_autoptr (TgpPaymentResponse) response = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (without_amount); i++)
    {
      g_autoptr (TgpPaymentResponse) one = read_response (without_amount[i], &error);

      g_test_message ("%s", without_amount[i]);
      g_assert_no_error (error);
      g_assert_cmpint (one->status, ==, TGP_RESULT_SUCCESS);
      g_assert_false (one->has_amount);
    }
  response = read_response (text, &error);
  g_assert_no_error (error);
  g_assert_true (response->has_amount);
  g_assert_cmpint (response->amount, ==, 500);
  g_assert_null (response->transaction_id);
  g_assert_false (response->has_method);
  g_assert_null (response->authorization_code);
  g_assert_null (response->error_code);
  g_assert_null (response->error_message);
  g_assert_null (response->receipt_data);
  g_assert_null (response->metadata);
  g_assert_cmpint (response->timestamp, ==, 0);

  g_assert_null (read_response ("{}", NULL));
  g_assert_null (read_response ("{\"status\":null}", NULL));
  g_assert_null (read_response ("{\"status\":\"success\"}", NULL));
  g_assert_null (read_response ("{\"status\":1}", NULL));
  g_assert_null (read_response ("[]", NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/payment/request/good", test_good);
  g_test_add_func ("/payment/request/bad", test_bad);
  g_test_add_func ("/payment/request/sizes", test_sizes);
  g_test_add_func ("/payment/response", test_response);
  g_test_add_func ("/payment/response/lenient", test_response_is_lenient);
  return g_test_run ();
}
