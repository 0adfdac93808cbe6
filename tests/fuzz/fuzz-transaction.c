/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Transaction, with the verdict in it, as clients read it. */
#include "protocol/transaction.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static char *
write_text (const TgpTransaction *transaction)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_transaction_write_members (&writer, transaction, 0);
  tgp_json_close_object (&writer);
  return tgp_json_writer_end (&writer);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (TgpJson) json = tgp_json_parse ((const char *) data, size, NULL);
  g_autoptr (TgpTransaction) transaction =
    json != NULL ? tgp_transaction_read (tgp_json_root (json), NULL) : NULL;

  if (transaction != NULL)
    {
      g_autofree char *text = write_text (transaction);
      g_autoptr (TgpJson) again = tgp_json_parse_object (text, strlen (text), NULL);
      g_autoptr (TgpTransaction) back = tgp_transaction_read (tgp_json_root (again), NULL);
      g_autofree char *second = back != NULL ? write_text (back) : NULL;

      g_assert (second != NULL && strcmp (text, second) == 0);
    }
  return 0;
}
