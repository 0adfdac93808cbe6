/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-till-private.h"

#include <glib/gi18n.h>

enum
{
  PROP_VIEW = 1,
  PROP_SHOWN,
  PROP_ONLINE,
  PROP_N_ATTENTION,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint status_changed, failed;

G_DEFINE_FINAL_TYPE (PosTill, pos_till, G_TYPE_OBJECT)

gint64
pos_now (void)
{
  return g_get_real_time () / 1000;
}

static void
pos_till_dispose (GObject *object)
{
  pos_till_stop (POS_TILL (object));
  G_OBJECT_CLASS (pos_till_parent_class)->dispose (object);
}

static void
pos_till_finalize (GObject *object)
{
  PosTill *self = POS_TILL (object);

  g_hash_table_unref (self->entries);
  g_hash_table_unref (self->started);
  g_object_unref (self->journal);
  g_object_unref (self->attention);
  g_object_unref (self->recovered);
  G_OBJECT_CLASS (pos_till_parent_class)->finalize (object);
}

static void
pos_till_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PosTill *self = POS_TILL (object);

  switch (id)
    {
    case PROP_VIEW:
      g_value_set_uint (value, self->view);
      break;
    case PROP_SHOWN:
      g_value_set_object (value, self->shown);
      break;
    case PROP_ONLINE:
      g_value_set_boolean (value, pos_till_get_online (self));
      break;
    case PROP_N_ATTENTION:
      g_value_set_uint (value, pos_till_count_attention (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
pos_till_class_init (PosTillClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = pos_till_dispose;
  object_class->finalize = pos_till_finalize;
  object_class->get_property = pos_till_get_property;
  properties[PROP_VIEW] = g_param_spec_uint ("view", NULL, NULL, 0, POS_VIEW_DISPLACED, 0, flags);
  properties[PROP_SHOWN] = g_param_spec_object ("shown", NULL, NULL, POS_TYPE_ENTRY, flags);
  properties[PROP_ONLINE] = g_param_spec_boolean ("online", NULL, NULL, FALSE, flags);
  properties[PROP_N_ATTENTION] = g_param_spec_uint ("n-attention", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  status_changed =
    g_signal_new ("status-changed", POS_TYPE_TILL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  failed = g_signal_new ("failed", POS_TYPE_TILL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                         G_TYPE_ERROR);
}

static void
pos_till_init (PosTill *self)
{
  self->journal = g_list_store_new (POS_TYPE_ENTRY);
  self->attention = g_list_store_new (POS_TYPE_ENTRY);
  self->recovered = g_list_store_new (POS_TYPE_ENTRY);
  self->entries = g_hash_table_new (g_str_hash, g_str_equal);
  self->started = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&self->waiting);
}

PosTill *
pos_till_new (void)
{
  return g_object_new (POS_TYPE_TILL, NULL);
}

void
pos_till_status_changed (PosTill *self)
{
  g_signal_emit (self, status_changed, 0);
}

static int
compare_order (gconstpointer a, gconstpointer b, gpointer data)
{
  gint64 of_a = pos_entry_get_order ((PosEntry *) a), of_b = pos_entry_get_order ((PosEntry *) b);

  return of_a > of_b ? -1 : of_a < of_b;
}

static void
on_attention (PosEntry *entry, GParamSpec *pspec, PosTill *self)
{
  guint position;

  if (pos_entry_get_needs_attention (entry))
    g_list_store_insert_sorted (self->attention, entry, compare_order, NULL);
  else if (g_list_store_find (self->attention, entry, &position))
    g_list_store_remove (self->attention, position);
  /* Who lists the journal by it looks at this one again. */
  position = (guint) (self->front - pos_entry_get_order (entry));
  g_list_store_splice (self->journal, position, 1, (gpointer *) &entry, 1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ATTENTION]);
  pos_till_status_changed (self);
}

static void
take_entry (PosTill *self, PosEntry *entry, gint64 order)
{
  pos_entry_set_order (entry, order);
  g_hash_table_insert (self->entries, (char *) pos_entry_get_id (entry), entry);
  /* pos_till_stop() undoes it: g_signal_connect_object() would search all of them for each. */
  g_signal_connect (entry, "notify::needs-attention", G_CALLBACK (on_attention), self);
}

PosEntry *
pos_till_entry (PosTill *self, const char *id, gint64 started_at)
{
  PosEntry *known = g_hash_table_lookup (self->entries, id);
  g_autoptr (PosEntry) entry = NULL;

  if (known != NULL)
    return known;
  entry = pos_entry_new (id, started_at);
  take_entry (self, entry, ++self->front);
  g_list_store_insert (self->journal, 0, entry);
  /* An entry begins as an open payment. */
  g_list_store_insert (self->attention, 0, entry);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ATTENTION]);
  return entry;
}

void
pos_till_forget (PosTill *self, PosEntry *entry)
{
  g_hash_table_remove (self->entries, pos_entry_get_id (entry));
  g_signal_handlers_disconnect_by_data (entry, self);
  self->front--;
  g_list_store_remove (self->attention, 0);
  g_list_store_remove (self->journal, 0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ATTENTION]);
  pos_till_status_changed (self);
}

gboolean
pos_till_take_read (PosTill *self, guint n_at_most)
{
  guint from = g_list_model_get_n_items (G_LIST_MODEL (self->journal));
  guint n = MIN (n_at_most, self->read->len - from);

  for (guint i = from; i < from + n; i++)
    {
      PosEntry *entry = self->read->pdata[i];

      take_entry (self, entry, -(gint64) i);
      if (pos_entry_get_needs_attention (entry))
        g_list_store_append (self->attention, entry);
    }
  g_list_store_splice (self->journal, from, 0, self->read->pdata + from, n);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ATTENTION]);
  if (from + n < self->read->len)
    return FALSE;
  g_clear_pointer (&self->read, g_ptr_array_unref);
  return TRUE;
}

/* Without an error to return, it has happened already and is no question of the disk. */
gboolean
pos_till_mark (PosTill *self, PosEntry *entry, PosMark mark, const PosFacts *facts, GError **error)
{
  gint64 now = pos_now ();
  g_autoptr (GError) reason = NULL;

  if (!pos_book_write (self->book, pos_entry_get_id (entry), mark, now, facts, &reason))
    {
      /* What happened whether or not the disk has it is seen and counted all the same. */
      if (error == NULL)
        {
          g_message ("%s", reason->message);
          pos_entry_mark (entry, mark, now, facts);
        }
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  pos_entry_mark (entry, mark, now, facts);
  return TRUE;
}

void
pos_till_set_shown (PosTill *self, PosEntry *entry)
{
  if (!g_set_object (&self->shown, entry))
    return;
  if (entry != NULL)
    g_queue_remove (&self->waiting, entry);
  self->shown_changed = TRUE;
}

static PosView
choose_view (PosTill *self)
{
  if (self->client == NULL || self->trial)
    return POS_VIEW_SETUP;
  if (tgw_client_get_state (self->client) == TGW_CLIENT_STATE_DISPLACED || self->turned_away)
    return POS_VIEW_DISPLACED;
  if (self->shown != NULL)
    return POS_VIEW_PAYMENT;
  if (g_list_model_get_n_items (G_LIST_MODEL (self->recovered)) > 0)
    return POS_VIEW_RECOVERED;
  if (g_queue_is_empty (&self->waiting))
    return POS_VIEW_MAIN;
  pos_till_set_shown (self, g_queue_peek_head (&self->waiting));
  return POS_VIEW_PAYMENT;
}

void
pos_till_update_view (PosTill *self)
{
  PosView view = choose_view (self);
  gboolean shown_changed = self->shown_changed, view_changed = self->view != view;

  /* Both are in place before anybody hears of either. */
  self->view = view;
  self->shown_changed = FALSE;
  if (shown_changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOWN]);
  if (view_changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VIEW]);
  pos_till_status_changed (self);
}

void
pos_till_give_up (PosTill *self, const GError *error)
{
  pos_till_stop (self);
  g_signal_emit (self, failed, 0, error);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PosTill) self = data;
  g_autoptr (GError) error = NULL;

  if (tgw_client_connect_finish (TGW_CLIENT (source), result, &error) || self->client != (gpointer) source)
    return;
  /* The client goes on trying unless that is hopeless. */
  if (tgw_client_get_state (self->client) != TGW_CLIENT_STATE_DISCONNECTED && !self->trial)
    return;
  pos_till_give_up (self, error);
}

static void
on_state (TgwClient *client, GParamSpec *pspec, PosTill *self)
{
  if (pos_till_get_online (self))
    self->trial = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ONLINE]);
  pos_till_update_view (self);
  pos_till_ask (self);
}

/* All of the book is known. */
void
pos_till_connect (PosTill *self)
{
  GListModel *unclaimed = tgw_client_get_unclaimed (self->client);

  pos_till_connect_signals (self);
  /* What an earlier run left open, or nobody has confirmed. */
  for (guint i = 0; i < g_list_model_get_n_items (unclaimed); i++)
    {
      g_autoptr (TgwPayment) payment = g_list_model_get_item (unclaimed, i);
      g_autoptr (GDateTime) started = tgw_payment_dup_started_at (payment);
      PosEntry *entry =
        pos_till_entry (self, tgw_payment_get_transaction_id (payment), g_date_time_to_unix (started) * 1000);

      pos_till_follow (self, entry, payment);
      if (tgw_payment_is_open (payment))
        g_queue_push_tail (&self->waiting, entry);
    }
  tgw_client_connect_async (self->client, NULL, on_connected, g_object_ref (self));
  pos_till_update_view (self);
}

static gboolean
start (PosTill *self, TgwClient *client, const char *folder, gboolean trial, GError **error)
{
  pos_till_stop (self);
  self->book = pos_book_open (folder, error);
  if (self->book == NULL || !pos_till_read_book (self, folder, error))
    {
      g_clear_pointer (&self->book, pos_book_close);
      return FALSE;
    }
  self->client = g_object_ref (client);
  self->trial = trial;
  g_signal_connect_object (client, "notify::state", G_CALLBACK (on_state), self, 0);
  if (self->reading == NULL)
    pos_till_connect (self);
  else
    pos_till_update_view (self);
  return TRUE;
}

gboolean
pos_till_start (PosTill *self, TgwClient *client, const char *folder, GError **error)
{
  return start (self, client, folder, FALSE, error);
}

gboolean
pos_till_try (PosTill *self, TgwClient *client, const char *folder, GError **error)
{
  return start (self, client, folder, TRUE, error);
}

void
pos_till_stop (PosTill *self)
{
  g_autoptr (TgwClient) client = g_steal_pointer (&self->client);

  self->trial = FALSE;
  pos_till_stop_reading (self);
  g_clear_handle_id (&self->ask_source, g_source_remove);
  if (client != NULL)
    {
      g_signal_handlers_disconnect_by_data (client, self);
      tgw_client_close (client);
    }
  g_clear_object (&self->cancel);
  self->turned_away = FALSE;
  g_queue_clear (&self->waiting);
  pos_till_set_shown (self, NULL);
  g_list_store_remove_all (self->recovered);
  g_hash_table_remove_all (self->entries);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->journal)); i++)
    {
      g_autoptr (PosEntry) entry = g_list_model_get_item (G_LIST_MODEL (self->journal), i);
      TgwPayment *payment = pos_entry_get_payment (entry);

      g_signal_handlers_disconnect_by_data (entry, self);
      if (payment != NULL)
        g_signal_handlers_disconnect_by_data (payment, self);
    }
  g_list_store_remove_all (self->journal);
  g_list_store_remove_all (self->attention);
  self->front = 0;
  g_clear_pointer (&self->book, pos_book_close);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ATTENTION]);
  pos_till_update_view (self);
}

TgwClient *
pos_till_get_client (PosTill *self)
{
  return self->client;
}

PosView
pos_till_get_view (PosTill *self)
{
  return self->view;
}

PosEntry *
pos_till_get_shown (PosTill *self)
{
  return self->shown;
}

gboolean
pos_till_get_online (PosTill *self)
{
  return self->client != NULL && tgw_client_get_state (self->client) == TGW_CLIENT_STATE_CONNECTED;
}

gboolean
pos_till_get_reading (PosTill *self)
{
  return self->reading != NULL;
}

GListModel *
pos_till_get_journal (PosTill *self)
{
  return G_LIST_MODEL (self->journal);
}

GListModel *
pos_till_get_attention (PosTill *self)
{
  return G_LIST_MODEL (self->attention);
}

GListModel *
pos_till_get_recovered (PosTill *self)
{
  return G_LIST_MODEL (self->recovered);
}

GListModel *
pos_till_get_terminals (PosTill *self)
{
  return self->client != NULL ? tgw_client_get_terminals (self->client) : NULL;
}

guint
pos_till_count_attention (PosTill *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->attention));
}

guint
pos_till_count_damaged (PosTill *self)
{
  return self->book != NULL ? self->n_damaged : 0;
}

PosEntry *
pos_till_find (PosTill *self, const char *id)
{
  return g_hash_table_lookup (self->entries, id);
}

PosEntry *
pos_till_find_unresolved (PosTill *self, const char *terminal_id)
{
  GListModel *model = G_LIST_MODEL (self->attention);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PosEntry) entry = g_list_model_get_item (model, i);
      PosKind kind = pos_entry_get_kind (entry);

      if (g_strcmp0 (pos_entry_get_facts (entry)->terminal_id, terminal_id) == 0 &&
          (pos_kind_is_open (kind) || kind == POS_KIND_UNKNOWN))
        return entry; /* the journal keeps it */
    }
  return NULL;
}

static TgwTerminal *
find_terminal (PosTill *self, const char *terminal_id) /* transfer full */
{
  GListModel *model = pos_till_get_terminals (self);

  for (guint i = 0; terminal_id != NULL && model != NULL && i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (TgwTerminal) terminal = g_list_model_get_item (model, i);

      if (g_strcmp0 (tgw_terminal_get_terminal_id (terminal), terminal_id) == 0)
        return g_steal_pointer (&terminal);
    }
  return NULL;
}

PosBlock
pos_till_get_block (PosTill *self, const char *terminal_id, gint64 total)
{
  g_autoptr (TgwTerminal) terminal = NULL;

  if (pos_till_get_reading (self))
    return POS_BLOCK_READING;
  if (!pos_till_get_online (self))
    return POS_BLOCK_OFFLINE;
  terminal = find_terminal (self, terminal_id);
  if (terminal == NULL)
    return POS_BLOCK_NO_TERMINAL;
  if (pos_till_find_unresolved (self, terminal_id) != NULL)
    return POS_BLOCK_UNRESOLVED;
  if (tgw_terminal_get_status (terminal) == TGW_TERMINAL_STATUS_OFFLINE)
    return POS_BLOCK_TERMINAL_OFFLINE;
  if (tgw_terminal_get_status (terminal) == TGW_TERMINAL_STATUS_RECONNECTING)
    return POS_BLOCK_TERMINAL_RECONNECTING;
  if (tgw_terminal_get_busy (terminal))
    return POS_BLOCK_TERMINAL_BUSY;
  return total > 0 ? POS_BLOCK_NONE : POS_BLOCK_NO_AMOUNT;
}

const char *
pos_block_text (PosBlock block)
{
  switch (block)
    {
    case POS_BLOCK_READING:
      return _ ("The payments of the day are being read. Charging is possible in a moment.");
    case POS_BLOCK_NO_AMOUNT:
      return _ ("Type an amount or choose an article.");
    case POS_BLOCK_OFFLINE:
      return _ ("The till is offline: there is no connection to the gateway.");
    case POS_BLOCK_NO_TERMINAL:
      return _ ("Choose a terminal.");
    case POS_BLOCK_TERMINAL_OFFLINE:
      return _ ("This terminal is not connected.");
    case POS_BLOCK_TERMINAL_RECONNECTING:
      return _ ("This terminal lost its connection and may be back soon.");
    case POS_BLOCK_TERMINAL_BUSY:
      return _ ("This terminal is busy with another payment.");
    case POS_BLOCK_UNRESOLVED:
      return _ ("A payment on this terminal is not resolved yet.");
    case POS_BLOCK_NONE:
    default:
      return "";
    }
}
