/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same random operations on both adapters: every result and every row must be the same. */
#include "tests/store/fixture.h"

#include <string.h>

/* SEED=N test-store-operations repeats one run; ROUNDS=N makes it longer. */
static guint
from_environment (const char *name, guint otherwise)
{
  const char *value = g_getenv (name);

  return value ? (guint) g_ascii_strtoull (value, NULL, 10) : otherwise;
}

/* Few of everything, so that they meet. */
#define N_TERMINALS 7
#define N_KEYS      4
#define N_IDS       40

typedef struct
{
  GwTables *tables; /* to look up what an operation should name */
  GRand *rand;
  gint64 now;
  guint born; /* payments so far: ids are taken from the latest ones */
} World;

static char *
pick (World *world, const char *prefix, guint n)
{
  g_autofree char *name = g_strdup_printf ("%s%u", prefix, g_rand_int_range (world->rand, 0, n));

  return g_ref_string_new (name);
}

static gboolean
chance (World *world, guint percent)
{
  return (guint) g_rand_int_range (world->rand, 0, 100) < percent;
}

static TgpPaymentRequest *
make_request (World *world, const char *id)
{
  TgpPaymentRequest *request = tgp_payment_request_new ();

  request->transaction_id = g_strdup (id);
  request->amount = chance (world, 95) ? 1000 : 2000;
  strcpy (request->currency, "EUR");
  return request;
}

static TgpPaymentResponse *
make_response (World *world, const char *id)
{
  static const TgpResult results[] = { TGP_RESULT_SUCCESS, TGP_RESULT_SUCCESS, TGP_RESULT_FAILED,
                                       TGP_RESULT_CANCELLED };
  TgpPaymentResponse *response = tgp_payment_response_new ();

  response->transaction_id = g_strdup (id);
  response->status = results[g_rand_int_range (world->rand, 0, G_N_ELEMENTS (results))];
  response->has_amount = chance (world, 80);
  response->amount = chance (world, 90) ? 1000 : 900;
  strcpy (response->currency, "EUR");
  if (chance (world, 50))
    response->authorization_code = g_strdup (chance (world, 80) ? "A1" : "B2");
  return response;
}

static GwKey *
random_key (World *world)
{
  g_autofree char *name = g_strdup_printf ("k_%u", g_rand_int_range (world->rand, 0, N_KEYS));
  GwKey *key = make_key (name, chance (world, 50) ? TGP_ROLE_POS : TGP_ROLE_TERMINAL);

  key->created_at = world->now;
  return key;
}

static void
name_terminal (World *world, GwOperation *op)
{
  if (chance (world, 85))
    {
      op->device_id = pick (world, "TERM-", N_TERMINALS);
      op->slot = g_ref_string_acquire (op->device_id);
      op->terminal_id = g_ref_string_acquire (op->device_id);
      return;
    }
  op->terminal_id = pick (world, "k_", N_KEYS);
  g_autofree char *slot = g_strconcat ("@", op->terminal_id, NULL);
  op->slot = g_ref_string_new (slot);
}

/* Mostly the payment's own terminal and till speak of it. */
static void
aim (World *world, GwOperation *op)
{
  g_autoptr (GwTransaction) row =
    world->tables->klass->get_transaction (world->tables, op->group_id, op->transaction_id);

  if (op->kind == GW_OP_ATTACH_DEVICE && chance (world, 80))
    {
      /* Its own key again, or it would be refused. */
      g_autoptr (GwDevice) device = world->tables->klass->get_device (world->tables, op->group_id, op->slot);

      gw_set_text (&op->key_id, device ? device->key_id : "k_0");
    }
  if (!row || op->kind == GW_OP_PAY || op->kind == GW_OP_ATTACH_DEVICE || chance (world, 20))
    return;
  gw_set_text (&op->slot, row->slot);
  gw_set_text (&op->device_id, row->device_id);
  gw_set_text (&op->terminal_id, row->terminal_id);
  gw_set_text (&op->key_id, row->key_id);
  if (chance (world, 60))
    op->grace_expires_at = row->grace_expires_at;
}

static GwOperationKind
random_kind (World *world)
{
  static const GwOperationKind often[] = { GW_OP_PAY,    GW_OP_PAY,  GW_OP_RESULT,
                                           GW_OP_RESULT, GW_OP_ACK,  GW_OP_ATTACH_DEVICE,
                                           GW_OP_STATUS, GW_OP_LOST, GW_OP_VOID };

  if (chance (world, 75))
    return often[g_rand_int_range (world->rand, 0, G_N_ELEMENTS (often))];
  return g_rand_int_range (world->rand, 0, GW_N_OPERATIONS);
}

/* Mostly the one that the store has: with others hardly anything is more than refused. */
static gint64
random_epoch (World *world, const GwOperation *op)
{
  GwTables *tables = world->tables;

  if (chance (world, 20))
    return g_rand_int_range (world->rand, 0, 4);
  if (op->kind == GW_OP_ACK)
    {
      g_autoptr (GwSession) session = tables->klass->get_session (tables, op->key_id);

      return session ? session->epoch : 0;
    }
  g_autoptr (GwDevice) device = tables->klass->get_device (tables, op->group_id, op->slot);
  return device ? device->epoch : 1;
}

static GwOperation *
random_operation (World *world)
{
  GwOperation *op = gw_operation_new (random_kind (world), world->now);
  const guint64 seen[] = { g_rand_int (world->rand), 2 };
  guint newest = world->born + (op->kind == GW_OP_PAY);
  guint back = g_rand_int_range (world->rand, 0, chance (world, 70) ? 3 : N_IDS);
  guint id = newest - MIN (newest, back);
  g_autofree char *name = g_strdup_printf ("t-%05u", id);

  world->born = MAX (world->born, op->kind == GW_OP_PAY ? id : 0);
  op->transaction_id = g_ref_string_new (name);
  op->group_id = g_ref_string_new (chance (world, 90) ? "g" : "h");
  op->key_id = pick (world, "k_", N_KEYS);
  name_terminal (world, op);
  op->connection_id = pick (world, "c-", 5);
  op->actor = chance (world, 70) ? g_ref_string_new ("pos") : NULL;
  op->payment = make_request (world, name);
  op->response = make_response (world, name);
  op->refuse = chance (world, 5);
  op->refuse_code = TGP_ERROR_TERMINAL_NOT_FOUND;
  op->capabilities = g_rand_int_range (world->rand, 0, 8);
  op->journal_id = chance (world, 80) ? pick (world, "j-", 2) : NULL;
  op->signature = chance (world, 60) ? g_rand_int_range (world->rand, 0, 3000) : 0;
  op->signature_expires = world->now + 300;
  op->join_window = 5000;
  op->in_progress = chance (world, 50);
  op->void_answer = g_rand_int_range (world->rand, 0, 3);
  op->not_sent = chance (world, 20);
  op->accepted = chance (world, 50);
  op->grace_expires_at = (world->now / 200 + 1) * 200; /* the same for a while, so that some graces end */
  aim (world, op);
  op->epoch = random_epoch (world, op);
  op->error_code = g_ref_string_new ("paid");
  op->error_message = chance (world, 50) ? g_ref_string_new ("note") : NULL;
  op->metadata = chance (world, 50) ? g_ref_string_new ("{}") : NULL;
  op->session_id = chance (world, 50) ? pick (world, "s-", 4) : NULL;
  op->seqs = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = g_rand_int_range (world->rand, 0, 4); i > 0; i--)
    {
      gint64 seq = g_rand_int_range (world->rand, 0, 1 + world->born);

      g_array_append_val (op->seqs, seq);
    }
  op->explicit_ack = chance (world, 50);
  op->force = chance (world, 50);
  op->key = random_key (world);
  op->signatures = gw_signatures_new ();
  op->signatures->expires_at = op->signature_expires;
  op->signatures->fingerprints = g_bytes_new (seen, sizeof seen);
  op->messages_before = world->now - 2000;
  op->transactions_before = world->now - 2500;
  op->ids_before = world->now - 4000;
  op->devices_before = world->now - 200;
  op->limit = g_rand_int_range (world->rand, 0, 60);
  return op;
}

/* Twice the same batch: operations are not shared, as an adapter may keep what they own. */
static GPtrArray *
random_batch (World *world)
{
  GPtrArray *batch = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_operation_free);
  guint n = g_rand_int_range (world->rand, 1, 12);

  world->tables->klass->begin (world->tables, NULL);
  for (guint i = 0; i < n; i++)
    {
      world->now += g_rand_int_range (world->rand, 0, 20);
      g_ptr_array_add (batch, random_operation (world));
    }
  world->tables->klass->rollback (world->tables);
  return batch;
}

typedef struct
{
  guint outcomes[GW_UNCERTAIN + 1];
  guint statuses[TGP_N_STATUSES]; /* of payments changed */
  guint swept;
} Tally;

static void
assert_same_results (GPtrArray *a, GPtrArray *b, Tally *tally)
{
  for (guint i = 0; i < a->len; i++)
    {
      g_autofree char *text_a = dump_result (a->pdata[i]);
      g_autofree char *text_b = dump_result (b->pdata[i]);

      g_assert_cmpstr (text_a, ==, text_b);
      const GwOperation *op = a->pdata[i];

      tally->outcomes[op->result.outcome]++;
      if (op->result.outcome == GW_APPLIED && op->result.row)
        tally->statuses[op->result.row->status]++;
      if (op->kind == GW_OP_SWEEP)
        tally->swept += op->result.count;
    }
}

static void
assert_same_tables (Fixture *memory, Fixture *sqlite)
{
  g_autofree char *a = dump_tables (memory->reader);
  g_autofree char *b = dump_tables (sqlite->reader);

  g_assert_cmpstr (a, ==, b);
}

static void
run_world (guint seed, guint rounds, Tally *tally)
{
  Fixture *memory = fixture_new (FALSE);
  Fixture *sqlite = fixture_new (TRUE);
  World world = { memory->tables, g_rand_new_with_seed (seed), 1700000000000, 0 };

  /* Messages name their store. */
  g_free (memory->tables->instance_id);
  memory->tables->instance_id = g_strdup (sqlite->tables->instance_id);
  for (guint round = 0; round < rounds; round++)
    {
      World again = { world.tables, g_rand_copy (world.rand), world.now, world.born };
      g_autoptr (GPtrArray) a = random_batch (&again);
      g_autoptr (GPtrArray) b = random_batch (&world);

      g_rand_free (again.rand);
      gw_operations_run (memory->tables, (GwOperation **) a->pdata, a->len);
      gw_operations_run (sqlite->tables, (GwOperation **) b->pdata, b->len);
      assert_same_results (a, b, tally);
      if (round % 50 == 49)
        assert_same_tables (memory, sqlite);
      if (round % 400 == 399)
        {
          fixture_reopen (sqlite);
          assert_same_tables (memory, sqlite);
        }
    }
  assert_same_tables (memory, sqlite);
  g_rand_free (world.rand);
  fixture_free (memory);
  fixture_free (sqlite);
}

static void
test_same (void)
{
  guint seed = from_environment ("SEED", 0);
  guint rounds = from_environment ("ROUNDS", 600);

  Tally tally = { 0 };
  guint least = rounds / 20;

  for (guint i = seed ? seed : 1; i <= (seed ? seed : 6); i++)
    {
      g_test_message ("seed %u", i);
      run_world (i, rounds, &tally);
    }
  g_test_message ("%u applied, %u unchanged, %u refused, %u failed, %u swept; states %u %u %u %u %u %u",
                  tally.outcomes[GW_APPLIED], tally.outcomes[GW_UNCHANGED], tally.outcomes[GW_REFUSED],
                  tally.outcomes[GW_FAILED], tally.swept, tally.statuses[0], tally.statuses[1],
                  tally.statuses[2], tally.statuses[3], tally.statuses[4], tally.statuses[5]);
  /* A run in which hardly anything happens shows nothing. */
  for (guint i = 0; i < TGP_N_STATUSES && !seed; i++)
    g_assert_cmpuint (tally.statuses[i], >, least);
  g_assert_cmpuint (tally.outcomes[GW_REFUSED], >, least);
  g_assert_cmpuint (tally.swept, >, least);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  /* A batch that fails on both sides is a warning, not the end. */
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  g_test_add_func ("/store/operations/memory-and-sqlite-agree", test_same);
  return g_test_run ();
}
