/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Microseconds to read and to write one payment message: our guard and writer, json-glib alone (which lets
 * through what the contract refuses), and json-glib behind the guard. docs/decisions/0001 has the numbers. */
#include "protocol/json-writer.h"
#include "protocol/pos-message.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS  200000
#define REPEATS 5

static const char text[] =
  "{\"action\":\"payment\",\"requestId\":\"b7e1c0aa-2f5d\",\"terminalId\":\"TERM-001\",\"paymentRequest\":{"
  "\"transactionId\":\"018d0b6e-5c00-7cc3-98c4-dc0c0c07398f\",\"amount\":\"99.99\",\"currency\":\"EUR\","
  "\"paymentMethod\":\"CARD\","
  "\"products\":[{\"id\":\"4006381333931\",\"name\":\"Fountain "
  "pen\",\"price\":\"49.99\",\"quantity\":1,\"category\":\"Office\",\"tax\":\"7.98\"},"
  "{\"id\":\"4006381333948\",\"name\":\"Ink, "
  "blue\",\"price\":\"25.00\",\"quantity\":2,\"category\":\"Office\",\"tax\":\"7.98\"}],"
  "\"customerInfo\":{\"customerId\":\"C-1001\",\"email\":\"someone@example.org\"},"
  "\"metadata\":{\"till\":\"3\",\"clerk\":\"anna\",\"receipt\":\"2024-000123\",\"note\":\"gift wrapped\"}}}";

typedef void (*Work) (void);

static void
guard_only (void)
{
  g_autoptr (TgpJson) json = tgp_json_parse (text, sizeof text - 1, NULL);

  g_assert (json != NULL);
}

static void
guard_and_decoder (void)
{
  g_autoptr (TgpPosMessage) message = tgp_pos_message_decode (text, sizeof text - 1, NULL, NULL);

  g_assert (message->payment->amount == 9999);
}

static void
use_json_glib (void)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonObject *request;

  g_assert (json_parser_load_from_data (parser, text, sizeof text - 1, NULL));
  request =
    json_object_get_object_member (json_node_get_object (json_parser_get_root (parser)), "paymentRequest");
  g_assert (json_object_get_string_member (request, "amount")[0] == '9');
}

static void
json_glib_behind_guard (void)
{
  guard_only ();
  use_json_glib ();
}

static void
write_own (void)
{
  TgpJsonWriter writer;
  g_autofree char *out = NULL;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  for (guint i = 0; i < 10; i++)
    {
      tgp_json_string (&writer, "transactionId", "018d0b6e-5c00-7cc3-98c4-dc0c0c07398f");
      tgp_json_boolean (&writer, "retrySafe", TRUE);
    }
  tgp_json_close_object (&writer);
  out = tgp_json_writer_end (&writer);
}

static void
write_json_glib (void)
{
  static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *out = NULL;

  json_builder_begin_object (builder);
  for (guint i = 0; i < 10; i++)
    {
      char name[24];

      g_snprintf (name, sizeof name, "transactionId%s", names[i]);
      json_builder_set_member_name (builder, name);
      json_builder_add_string_value (builder, "018d0b6e-5c00-7cc3-98c4-dc0c0c07398f");
      g_snprintf (name, sizeof name, "retrySafe%s", names[i]);
      json_builder_set_member_name (builder, name);
      json_builder_add_boolean_value (builder, TRUE);
    }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  out = json_generator_to_data (generator, NULL);
}

/* The best of a few: the others were disturbed. */
static void
measure (const char *name, Work work)
{
  double best = G_MAXDOUBLE;

  for (guint repeat = 0; repeat < REPEATS; repeat++)
    {
      gint64 start = g_get_monotonic_time ();

      for (guint i = 0; i < ROUNDS / REPEATS; i++)
        work ();
      best = MIN (best, (double) (g_get_monotonic_time () - start) / (ROUNDS / REPEATS));
    }
  printf ("%-42s %6.2f us\n", name, best);
}

int
main (void)
{
  printf ("one payment message of %zu bytes\n", sizeof text - 1);
  measure ("read: guard", guard_only);
  measure ("read: guard and typed decoder", guard_and_decoder);
  measure ("read: json-glib", use_json_glib);
  measure ("read: json-glib behind the guard", json_glib_behind_guard);
  printf ("one object of 20 members\n");
  measure ("write: own writer", write_own);
  measure ("write: json-glib", write_json_glib);
  return 0;
}
