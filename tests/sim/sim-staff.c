/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operator: resolves and releases, rotates and revokes keys, and carries the new ones to those who need
 * them; until they come, these are locked out. */
#include "tests/sim/sim.h"

#include <string.h>

static GwCaller
call (SimWorld *world)
{
  return (GwCaller){ .link = sim_connect_staff (world)->link, .http = TRUE };
}

/* --- keys --- */

const char *
sim_owner_of (SimWorld *world, const char *key_id)
{
  const char *owner = g_hash_table_lookup (world->owners, key_id);
  return owner ? owner : key_id;
}

/* A key as committed: who had the old one has its successor. */
void
sim_key_stored (SimWorld *world, GwKey *key)
{
  const char *owner = sim_owner_of (world, key->key_id);

  if (key->successor)
    {
      g_hash_table_replace (world->newest, g_strdup (owner), g_strdup (key->successor));
      g_hash_table_replace (world->owners, g_strdup (key->successor), g_strdup (owner));
      return;
    }
  if (!key->revoked_at)
    return;
  g_hash_table_add (world->dead, g_strdup (key->key_id));
  for (guint i = 0; i < world->mails->len; i++)
    {
      SimMail *mail = world->mails->pdata[i];
      if (mail->pos && strcmp (mail->pos->owner, owner) == 0 && !mail->acked)
        mail->dead = TRUE;
    }
}

static void
take (GwKey **has, GwKey *key)
{
  gw_key_unref (*has);
  *has = gw_key_ref (key);
}

/* A new one is for whom it was asked; one that came too late is of no use to anybody. */
void
sim_staff_has_key (SimWorld *world, SimConn *conn, GwKey *key)
{
  const char *owner = conn->wanted_by;

  if (owner && g_hash_table_contains (world->dead, g_hash_table_lookup (world->newest, owner)))
    {
      g_hash_table_replace (world->owners, g_strdup (key->key_id), g_strdup (owner));
      g_hash_table_replace (world->newest, g_strdup (owner), g_strdup (key->key_id));
    }
  owner = g_hash_table_lookup (world->owners, key->key_id);

  if (!owner || g_strcmp0 (g_hash_table_lookup (world->newest, owner), key->key_id) != 0)
    return;
  sim_note (world, "staff", "has a key for", owner, 0);
  for (guint i = 0; i < SIM_POS; i++)
    if (strcmp (world->pos[i].owner, owner) == 0)
      take (&world->pos[i].key, key);
  for (guint i = 0; i < 2 * SIM_TERMINALS; i++)
    if (strcmp (world->terminals[i].owner, owner) == 0)
      take (&world->terminals[i].key, key);
}

/* Is the key that somebody holds still good? If not, the one that is was lost on its way: make another. */
static void
look_after (SimWorld *world, GwKey *has, const char *owner)
{
  const char *newest = g_hash_table_lookup (world->newest, owner);
  GwCaller caller;

  if (g_hash_table_contains (world->dead, newest))
    {
      SimConn *conn = sim_connect_staff (world);
      conn->wanted_by = owner;
      caller = (GwCaller){ .link = conn->link, .http = TRUE };
      gw_engine_create_key (world->engine, &caller, has->role, SIM_GROUP);
    }
  else if (strcmp (newest, has->key_id) != 0)
    {
      caller = call (world);
      gw_engine_rotate_key (world->engine, &caller, newest);
    }
}

static void
look_after_all (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  sim_at (world, 20000, look_after_all, NULL, NULL, NULL, 0);
  if (!world->ready)
    return;
  for (guint i = 0; i < SIM_POS; i++)
    look_after (world, world->pos[i].key, world->pos[i].owner);
  for (guint i = 0; i < SIM_TERMINALS; i++)
    if (i % 3 != 1) /* it shares the one before */
      look_after (world, world->terminals[i].key, world->terminals[i].owner);
}

static void
change_key (SimWorld *world, SimFault fault)
{
  gboolean of_pos = sim_chance (world, 60);
  /* Results of a terminal that is known by its key alone belong to nobody once that is revoked. */
  guint terminals = fault == SIM_FAULT_KEY_REVOKED ? SIM_TERMINALS - 1 : SIM_TERMINALS;
  const GwKey *key = of_pos ? world->pos[sim_between (world, 0, SIM_POS - 1)].key
                            : world->terminals[sim_between (world, 0, terminals - 1)].key;
  GwCaller caller = call (world);

  if (fault == SIM_FAULT_KEY_ROTATED)
    gw_engine_rotate_key (world->engine, &caller, key->key_id);
  else
    gw_engine_revoke_key (world->engine, &caller, key->key_id, sim_chance (world, 50));
}

/* --- payments --- */

/* What a look at the terminal tells; NULL: nothing yet. */
static const char *
see (const SimTx *tx, gboolean wrongly)
{
  const SimEntry *entry = sim_truth_of (tx);
  gboolean reversing = gw_transaction_has (tx->row, GW_REVERSING);

  if (wrongly) /* which only lasts until the terminal hands in what it holds */
    return entry && !entry->acked && !reversing && !tx->terminal->gone
             ? (entry->truth == SIM_CHARGED || entry->truth == SIM_BUSY ? "not-paid" : "paid")
             : NULL;
  if (!entry)
    return "not-paid";
  switch (entry->truth)
    {
    case SIM_BUSY:
      return NULL;
    case SIM_CHARGED:
      return reversing ? NULL : "paid"; /* the reversal may be on its way */
    case SIM_KEPT:
      return "paid";
    case SIM_REVERSED:
      return "reversed";
    default:
      return "not-paid";
    }
}

static void
resolve (SimWorld *world, gboolean wrongly)
{
  for (guint i = world->txs->len; i > 0; i--)
    {
      SimTx *tx = world->txs->pdata[i - 1];
      const char *as;
      if (!tx->row || tx->purged || !gw_transaction_is_in_question (tx->row) ||
          (wrongly && tx->row->status != TGP_STATUS_FAILED) || sim_chance (world, 30))
        continue;
      if (!(as = see (tx, wrongly)))
        continue;
      GwCaller caller = call (world);
      sim_note (world, "staff", as, tx->id, wrongly);
      gw_engine_resolve (world->engine, &caller, SIM_GROUP, tx->id, as, "looked at the terminal");
      return;
    }
}

static void
release (SimWorld *world)
{
  for (guint i = world->txs->len; i > 0; i--)
    {
      SimTx *tx = world->txs->pdata[i - 1];
      if (!tx->row || !tgp_status_is_final (tx->row->status) ||
          !gw_transaction_has (tx->row, GW_HOLDS_TERMINAL | GW_REVERSING) || sim_chance (world, 30))
        continue;
      GwCaller caller = call (world);
      sim_note (world, "staff", "releases", tx->named, 0);
      gw_engine_release (world->engine, &caller, SIM_GROUP, tx->named, "looked at the terminal");
      return;
    }
}

void
sim_staff_acts (SimWorld *world, SimFault fault)
{
  if (!world->ready)
    return;
  sim_fault_count (world, fault);
  if (fault == SIM_FAULT_STAFF_RESOLVES || fault == SIM_FAULT_STAFF_ERRS)
    resolve (world, fault == SIM_FAULT_STAFF_ERRS);
  else if (fault == SIM_FAULT_STAFF_RELEASES)
    release (world);
  else if (fault == SIM_FAULT_SWEEP)
    gw_engine_sweep (world->engine);
  else
    change_key (world, fault);
}

static void
own (SimWorld *world, const GwKey *key, char owner[32])
{
  g_strlcpy (owner, key->key_id, 32);
  g_hash_table_replace (world->owners, g_strdup (key->key_id), g_strdup (key->key_id));
  g_hash_table_replace (world->newest, g_strdup (key->key_id), g_strdup (key->key_id));
}

void
sim_staff_start (SimWorld *world)
{
  for (guint i = 0; i < SIM_POS; i++)
    own (world, world->pos[i].key, world->pos[i].owner);
  for (guint i = 0; i < 2 * SIM_TERMINALS; i++)
    own (world, world->terminals[i].key, world->terminals[i].owner);
  sim_at (world, 20000, look_after_all, NULL, NULL, NULL, 0);
}
