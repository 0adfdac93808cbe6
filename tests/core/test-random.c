/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tills and terminals that do whatever comes to their mind, over a store that fails and a gateway that
 * restarts. When all is quiet again, what the store says of each payment is what its terminal did. Every run
 * is its seed's. */
#include "tests/core/core-peers.h"

#include <string.h>

#define N_TERMINALS 4
#define N_TILLS     2

typedef enum
{
  BUSY,
  CHARGED,
  KEPT, /* charged, and its void was refused for good */
  REFUSED,
  VOIDED,
  UNKNOWN /* said so: never to be started */
} Truth;

/* A terminal as section 6 wants it: it keeps each result until it is acked, and never starts what it said it
 * does not know. */
typedef struct
{
  char *device_id;
  Peer *peer; /* NULL: away */
  gboolean greeted;
  guint read;          /* of peer->sent */
  GHashTable *truths;  /* id -> Truth + 1 */
  GHashTable *unacked; /* id */
} Device;

typedef struct
{
  Harness *h;
  GRand *rand;
  Device devices[N_TERMINALS];
  GwKey *keys[N_TILLS];
  Peer *tills[N_TILLS];
  GPtrArray *ids;
  GPtrArray *reads;  /* made, not yet back */
  GHashTable *heard; /* ids whose outcome reached a till */
} World;

static gboolean
chance (World *world, guint percent)
{
  return (guint) g_rand_int_range (world->rand, 0, 100) < percent;
}

static guint
pick (World *world, guint n)
{
  return (guint) g_rand_int_range (world->rand, 0, (gint32) n);
}

/* --- terminals --- */

static gboolean
knows (Device *device, const char *id, Truth *truth)
{
  gpointer value = g_hash_table_lookup (device->truths, id);

  *truth = (Truth) (GPOINTER_TO_INT (value) - 1);
  return value != NULL;
}

static void
become (Device *device, const char *id, Truth truth)
{
  g_hash_table_replace (device->truths, g_strdup (id), GINT_TO_POINTER (truth + 1));
}

static void
tell (Device *device, const char *id)
{
  Truth truth;

  if (device->peer && knows (device, id, &truth))
    terminal_result (device->peer, id, truth == REFUSED ? TGP_RESULT_FAILED : TGP_RESULT_SUCCESS,
                     truth == REFUSED ? -1 : 100);
}

static void
decide (Device *device, const char *id, gboolean charge)
{
  become (device, id, charge ? CHARGED : REFUSED);
  g_hash_table_add (device->unacked, g_strdup (id));
  tell (device, id);
}

static void
hear (World *world, Device *device, const Sent *sent)
{
  const char *id = sent->command->transaction_id;
  Truth truth = BUSY;
  gboolean known = id && knows (device, id, &truth);

  switch (sent->command->action)
    {
    case TGP_COMMAND_PAYMENT_REQUEST:
      if (known)
        break;
      become (device, id, BUSY);
      if (chance (world, 90))
        terminal_accepts (device->peer, id);
      break;
    case TGP_COMMAND_GET_PAYMENT_STATUS:
      if (known && truth == BUSY)
        terminal_status (device->peer, id, TRUE);
      else if (known && truth != UNKNOWN)
        tell (device, id);
      else
        {
          become (device, id, UNKNOWN);
          terminal_status (device->peer, id, FALSE);
        }
      break;
    case TGP_COMMAND_CANCEL_PAYMENT:
      if (known && truth == BUSY && chance (world, 70))
        decide (device, id, FALSE);
      break;
    case TGP_COMMAND_VOID_PAYMENT:
      if (known && truth == CHARGED)
        {
          truth = chance (world, 80) ? VOIDED : KEPT;
          become (device, id, truth);
        }
      terminal_void_answer (device->peer, id,
                            truth == VOIDED ? TGP_VOID_ANSWER_VOIDED : TGP_VOID_ANSWER_FAILED);
      break;
    case TGP_COMMAND_PAYMENT_RESPONSE_ACK:
      g_hash_table_remove (device->unacked, id);
      break;
    default:
      break;
    }
}

static void
look (World *world, Device *device)
{
  while (device->peer && !device->peer->closed && device->read < device->peer->sent->len)
    hear (world, device, device->peer->sent->pdata[device->read++]);
}

static gint
compare_ids (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
come (World *world, Device *device)
{
  GHashTableIter iter;
  gpointer id;

  if (device->peer && device->peer->closed)
    device->peer = NULL;
  if (!device->peer)
    {
      device->peer = terminal_connect (world->h, NULL, device->device_id);
      device->read = 0;
      device->greeted = FALSE;
      harness_run (world->h);
    }
  if (device->greeted || !device->peer->attached || device->peer->closed)
    return;
  device->greeted = TRUE;
  terminal_hello (device->peer, ALL_CAPABILITIES, "journal-1", NULL);
  g_hash_table_iter_init (&iter, device->unacked);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_ptr_array_add (ids, id);
  g_ptr_array_sort (ids, compare_ids);
  for (guint i = 0; i < ids->len; i++)
    tell (device, ids->pdata[i]);
}

static void
work (World *world, Device *device)
{
  for (guint i = 0; i < world->ids->len; i++)
    {
      Truth truth;
      if (knows (device, world->ids->pdata[i], &truth) && truth == BUSY && chance (world, 50))
        decide (device, world->ids->pdata[i], chance (world, 70));
    }
}

/* --- tills --- */

static void
open_till (World *world, guint n)
{
  if (!world->tills[n] || world->tills[n]->closed)
    world->tills[n] = pos_connect (world->h, world->keys[n], TRUE);
}

static void
use_till (World *world, guint n)
{
  Peer *till = world->tills[n];

  if (!till || !till->attached || till->closed)
    {
      open_till (world, n);
      return;
    }
  for (guint i = 0; i < till->sent->len; i++)
    {
      Sent *sent = till->sent->pdata[i];
      if (!sent->event->message_id)
        continue;
      if (g_str_equal (sent->action, "paymentComplete"))
        g_hash_table_add (world->heard, g_strdup (sent->event->transaction_id));
      if (chance (world, 20))
        pos_ack (till, sent->event->message_id, NULL);
    }
  guint t = pick (world, N_TERMINALS);
  if (world->ids->len == 0 || chance (world, 40))
    {
      /* The id says by which till, on which terminal. */
      char *id = g_strdup_printf ("tx-%u-%u-%u", n, t, world->ids->len);
      g_ptr_array_add (world->ids, id);
      pos_pay (till, world->devices[t].device_id, id, 100);
      return;
    }
  const char *id = world->ids->pdata[pick (world, world->ids->len)];
  switch (pick (world, 4))
    {
    case 0:
      pos_cancel (till, id);
      break;
    case 1:
      if (chance (world, 20))
        pos_void (till, id);
      break;
    case 2:
      if ((guint) (id[3] - '0') == n)
        pos_pay (till, world->devices[id[5] - '0'].device_id, id, 100);
      break;
    default:
      pos_query (till, id);
      break;
    }
}

/* --- the world --- */

static void
forget_reads (World *world)
{
  for (guint i = 0; world->reads && i < world->reads->len; i++)
    gw_read_free (world->reads->pdata[i]);
  g_clear_pointer (&world->reads, g_ptr_array_unref);
}

static void
step (World *world)
{
  Harness *h = world->h;
  Device *device = &world->devices[pick (world, N_TERMINALS)];
  guint n = pick (world, N_TILLS);

  switch (pick (world, 14))
    {
    case 0:
    case 1:
    case 2:
      use_till (world, n);
      break;
    case 3:
    case 4:
      look (world, device);
      break;
    case 5:
      if (device->peer && !device->peer->closed)
        work (world, device);
      break;
    case 6:
      if (device->peer && !device->peer->closed && chance (world, 40))
        peer_drop (device->peer);
      break;
    case 7:
      come (world, device);
      break;
    case 8:
      if (world->tills[n] && !world->tills[n]->closed && chance (world, 20))
        peer_drop (world->tills[n]);
      break;
    case 9:
      if (h->operations.length)
        harness_commit (h, 1 + pick (world, 4));
      break;
    case 10:
      if (world->reads)
        harness_deliver_reads (h, g_steal_pointer (&world->reads));
      else if (chance (world, 50))
        world->reads = harness_read_only (h);
      else
        harness_answer_reads (h);
      break;
    case 11:
      if (chance (world, 15))
        harness_set_fault (h, chance (world, 50) ? GW_COMMIT_FAILED : GW_COMMIT_UNCERTAIN,
                           chance (world, 50));
      else
        harness_set_fault (h, GW_COMMIT_DONE, FALSE);
      break;
    case 12:
      harness_advance (h, pick (world, 20000));
      break;
    default:
      if (!chance (world, 3))
        break;
      forget_reads (world);
      harness_stop (h);
      harness_start (h);
      harness_set_fault (h, GW_COMMIT_DONE, FALSE);
      harness_run (h);
      g_assert_true (h->ready);
      break;
    }
}

static void
calm (World *world)
{
  if (world->reads)
    harness_deliver_reads (world->h, g_steal_pointer (&world->reads));
  harness_set_fault (world->h, GW_COMMIT_DONE, FALSE);
  for (guint round = 0; round < 100; round++)
    {
      for (guint i = 0; i < N_TERMINALS; i++)
        {
          come (world, &world->devices[i]);
          look (world, &world->devices[i]);
          work (world, &world->devices[i]);
        }
      for (guint i = 0; i < N_TILLS; i++)
        {
          open_till (world, i);
          harness_run (world->h);
          for (guint m = 0; m < world->tills[i]->sent->len; m++)
            {
              Sent *sent = world->tills[i]->sent->pdata[m];
              if (g_str_equal (sent->action, "paymentComplete"))
                g_hash_table_add (world->heard, g_strdup (sent->event->transaction_id));
              if (sent->event->message_id && round > 90)
                pos_ack (world->tills[i], sent->event->message_id, NULL);
            }
        }
      harness_advance (world->h, 10000);
    }
}

/* For whoever reads the log of a run that failed. */
static void
print_story (World *world, const char *id)
{
  g_autoptr (GPtrArray) rows = harness_read_rows (world->h, GW_READ_TIMELINE, NULL, id);

  for (guint i = 0; i < rows->len; i++)
    {
      GwTimelineEntry *entry = rows->pdata[i];
      g_test_message ("  %" G_GINT64_FORMAT " %s: %s, now %s %s", entry->at, entry->actor, entry->what,
                      tgp_status_name ((TgpStatus) entry->to_status), entry->detail ? entry->detail : "");
    }
}

static void
check (World *world)
{
  for (guint i = 0; i < world->ids->len; i++)
    {
      const char *id = world->ids->pdata[i];
      Device *device = &world->devices[id[5] - '0'];
      g_autoptr (GwTransaction) row = harness_find_row (world->h, "store-1", id);
      Truth truth;

      if (!knows (device, id, &truth))
        truth = UNKNOWN;
      if (!row)
        {
          g_assert_cmpint (truth, ==, UNKNOWN);
          continue;
        }
      TgpVerdict verdict = gw_transaction_verdict (row);
      g_test_message ("%s: %s %s, truth %d", id, tgp_status_name (row->status), row->error_code, truth);
      print_story (world, id);
      g_assert_true (tgp_status_is_final (row->status));
      g_assert_true (g_hash_table_contains (world->heard, id));
      g_assert_false (gw_transaction_has (row, GW_REVERSING));
      g_assert_false (gw_transaction_has (row, GW_HOLDS_TERMINAL));
      if (truth == CHARGED || truth == KEPT)
        {
          g_assert_true (row->status == TGP_STATUS_COMPLETED || row->void_status == TGP_VOID_FAILED);
          g_assert_cmpint (verdict.money_moved, ==, TGP_MONEY_MOVED_YES);
          g_assert_false (verdict.retry_safe);
        }
      else
        g_assert_cmpint (verdict.money_moved, !=, TGP_MONEY_MOVED_YES);
      if (row->status == TGP_STATUS_COMPLETED)
        g_assert_true (truth == CHARGED || truth == KEPT);
    }
  for (guint i = 0; i < N_TILLS; i++)
    g_assert_cmpuint (harness_count_messages (world->h, world->keys[i]), ==, 0);
}

static void
test_seed (gconstpointer data)
{
  guint seed = GPOINTER_TO_UINT (data);
  World world = { .h = harness_new (NULL), .rand = g_rand_new_with_seed (seed) };

  world.ids = g_ptr_array_new_with_free_func (g_free);
  world.heard = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  world.h->random ^= seed;
  for (guint i = 0; i < N_TILLS; i++)
    world.keys[i] = harness_create_key (world.h, TGP_ROLE_POS, "store-1");
  for (guint i = 0; i < N_TERMINALS; i++)
    {
      world.devices[i].device_id = g_strdup_printf ("T-%u", i);
      world.devices[i].truths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      world.devices[i].unacked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    }
  for (guint i = 0; i < 800; i++)
    step (&world);
  calm (&world);
  check (&world);
  harness_free (world.h);
  for (guint i = 0; i < N_TERMINALS; i++)
    {
      g_free (world.devices[i].device_id);
      g_hash_table_unref (world.devices[i].truths);
      g_hash_table_unref (world.devices[i].unacked);
    }
  g_hash_table_unref (world.heard);
  g_ptr_array_unref (world.ids);
  g_rand_free (world.rand);
}

/* CORE_SEEDS=FROM-TO tries others. */
int
main (int argc, char **argv)
{
  guint from = 1, to = 40;
  const char *seeds = g_getenv ("CORE_SEEDS");

  g_test_init (&argc, &argv, NULL);
  if (seeds)
    {
      from = (guint) g_ascii_strtoull (seeds, NULL, 10);
      to = strchr (seeds, '-') ? (guint) g_ascii_strtoull (strchr (seeds, '-') + 1, NULL, 10) : from;
    }
  for (guint seed = from; seed <= to; seed++)
    {
      g_autofree char *path = g_strdup_printf ("/core/random/%u", seed);
      g_test_add_data_func (path, GUINT_TO_POINTER (seed), test_seed);
    }
  return g_test_run ();
}
