/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/demo-pos/scene.h"

#include <locale.h>

char *scene_folder;

void
scene_init (int *argc, char ***argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (argc, argv, NULL);
  scene_folder = g_dir_make_tmp ("pos-model-XXXXXX", NULL);
}

void
scene_tidy (void)
{
  g_autofree char *remove = g_strdup_printf ("rm -r '%s'", scene_folder);

  g_spawn_command_line_sync (remove, NULL, NULL, NULL, NULL);
  g_free (scene_folder);
}

void
scene_count (GObject *object, GParamSpec *pspec, guint *n)
{
  (*n)++;
}

void
scene_connect (Scene *scene)
{
  g_autoptr (GError) error = NULL;
  TgwClient *client =
    g_initable_new (TGW_TYPE_CLIENT, NULL, &error, "gateway-url", scene->gateway->url, "api-key", FAKE_KEY,
                    "api-secret", FAKE_SECRET, "journal-path", scene->journal, NULL);

  g_assert_no_error (error);
  scene->till = pos_till_new ();
  g_signal_connect (scene->till, "notify::view", G_CALLBACK (scene_count), &scene->n_views);
  g_signal_connect (scene->till, "notify::shown", G_CALLBACK (scene_count), &scene->n_shown);
  g_assert_true (pos_till_start (scene->till, client, scene->book, &error));
  g_object_unref (client);
  wait_until (pos_till_get_online (scene->till));
}

void
scene_prepare (Scene *scene)
{
  static guint n;

  *scene = (Scene){ .gateway = fake_gateway_new () };
  g_free (scene->gateway->terminals);
  scene->gateway->terminals = g_strdup (
    "{\"connectionId\":\"c1\",\"terminalId\":\"TERM-001\",\"deviceId\":\"TERM-001\",\"connectedAt\":"
    "\"2024-01-15T10:30:00.000Z\",\"lastActivity\":\"2024-01-15T10:30:00.000Z\",\"status\":\"online\"}");
  scene->journal = g_strdup_printf ("%s/journal-%u.db", scene_folder, ++n);
  scene->book = g_strdup_printf ("%s/till-%u", scene_folder, n);
  scene->sale = pos_sale_new ("EUR");
}

void
scene_begin (Scene *scene)
{
  scene_prepare (scene);
  scene_connect (scene);
}

void
scene_stop (Scene *scene)
{
  pos_till_stop (scene->till);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_finalize_object (scene->till);
}

void
scene_end (Scene *scene)
{
  scene_stop (scene);
  g_assert_finalize_object (scene->sale);
  fake_gateway_free (scene->gateway);
  g_free (scene->journal);
  g_free (scene->book);
}

char *
scene_charge (Scene *scene)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpPosMessage) message = NULL;
  PosEntry *entry;

  pos_sale_type (scene->sale, "1200");
  g_assert_cmpint (pos_till_get_block (scene->till, "TERM-001", pos_sale_get_total (scene->sale)), ==,
                   POS_BLOCK_NONE);
  g_assert_true (pos_till_charge (scene->till, "TERM-001", scene->sale, &error));
  /* Something is shown before anybody has said a word. */
  g_assert_cmpint (pos_till_get_view (scene->till), ==, POS_VIEW_PAYMENT);
  entry = pos_till_get_shown (scene->till);
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_WAITING);
  message = fake_gateway_expect (scene->gateway, TGP_POS_PAYMENT);
  fake_gateway_send (
    scene->gateway,
    "{\"action\":\"paymentAccepted\",\"requestId\":\"%s\",\"transactionId\":\"%s\",\"terminalId\":"
    "\"TERM-001\",\"status\":\"PENDING\"}",
    message->request_id, pos_entry_get_id (entry));
  wait_until (pos_entry_get_facts (entry)->state == TGW_PAYMENT_STATE_PENDING);
  return g_strdup (pos_entry_get_id (entry));
}

void
scene_complete (Scene *scene, const char *id, const char *status, const char *verdict)
{
  fake_gateway_send (
    scene->gateway,
    "{\"action\":\"paymentComplete\",\"messageId\":\"m-%s-%s\",\"transactionId\":\"%s\",\"terminalId\":"
    "\"TERM-001\","
    "\"status\":\"%s\",\"paymentResponse\":{\"transactionId\":\"%s\",\"status\":\"%s\",\"amount\":\"12.00\","
    "\"currency\":"
    "\"EUR\",\"paymentMethod\":\"CARD\",\"timestamp\":\"2024-01-15T10:30:00.000Z\"},\"timestamp\":"
    "\"2024-01-15T10:30:00.000Z\",\"verdict\":%s}",
    id, status, id, status, id, status, verdict);
}
