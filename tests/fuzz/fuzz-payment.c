/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One JSON value, taken as a PaymentRequest and as a PaymentResponse. */
#include "protocol/payment.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_response (const TgpPaymentResponse *response)
{
  g_autofree char *text = tgp_payment_response_to_json (response);
  g_autoptr (TgpJson) json = tgp_json_parse (text, strlen (text), NULL);
  g_autoptr (TgpPaymentResponse) again = tgp_payment_response_read (tgp_json_root (json), NULL);
  g_autoptr (TgpPaymentResponse) copy = tgp_payment_response_copy (again);
  g_autofree char *second = tgp_payment_response_to_json (copy);

  g_assert (tgp_payment_response_same (response, copy) && strcmp (text, second) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (TgpJson) json = tgp_json_parse ((const char *) data, size, NULL);
  g_autoptr (TgpPaymentRequest) request = NULL;
  g_autoptr (TgpPaymentResponse) response = NULL;

  if (json == NULL)
    return 0;
  request = tgp_payment_request_read (tgp_json_root (json), NULL);
  if (request != NULL)
    {
      g_autofree char *text = tgp_payment_request_to_json (request);
      g_autoptr (TgpJson) again = tgp_json_parse_object (text, strlen (text), NULL);

      g_assert (again != NULL && request->amount > 0);
    }
  response = tgp_payment_response_read (tgp_json_root (json), NULL);
  if (response != NULL)
    check_response (response);
  return 0;
}
