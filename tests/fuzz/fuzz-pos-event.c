/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/pos-event.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpPosEvent) event = tgp_pos_event_decode ((const char *) data, size, &error);

  g_assert ((event == NULL) == (error != NULL));
  if (event != NULL)
    {
      g_assert (event->action != NULL && strlen (event->text) == size);
      if (event->has_verdict)
        g_assert (event->verdict.message != NULL);
      if (event->transaction != NULL)
        {
          g_autofree char *text = tgp_encode_transaction_status (event->request_id, event->transaction, 0);
          g_autoptr (TgpPosEvent) again = tgp_pos_event_decode (text, strlen (text), NULL);

          g_assert (again != NULL && again->transaction->amount == event->transaction->amount);
        }
    }
  return 0;
}
