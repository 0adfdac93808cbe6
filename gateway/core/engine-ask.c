/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions to the store: of POS, of the operator, of mailboxes, and of the engine itself; and /v1/messages,
 * which waits. */
#include "gateway/core/engine-private.h"

void
gw_asked_free (GwAsked *asked)
{
  g_free (asked->request_id);
  g_free (asked->message);
  g_free (asked);
}

guint64
gw_note_asked (GwEngine *engine, guint64 link, const char *request_id, GwAsked **asked)
{
  guint64 *token = g_new (guint64, 1);

  *token = engine->next_token++;
  *asked = g_new0 (GwAsked, 1);
  (*asked)->link = link;
  (*asked)->request_id = request_id ? g_strdup (request_id) : NULL;
  g_hash_table_insert (engine->asked, token, *asked);
  return *token;
}

void
gw_pos_read_mailbox (GwEngine *engine, GwPos *pos, gint64 after, guint limit)
{
  GwAsked *asked;
  GwRead *read = gw_read_new (GW_READ_MESSAGES, gw_note_asked (engine, pos->link->id, NULL, &asked));

  asked->pos = pos;
  asked->mailbox = TRUE;
  read->key_id = g_strdup (pos->key->key_id);
  read->after = after;
  read->limit = limit;
  engine->store.klass->read (engine->store.store, read);
}

void
gw_engine_ask (GwEngine *engine, const GwCaller *caller, GwRead *read)
{
  GwAsked *asked;

  read->token = gw_note_asked (engine, caller->link, caller->request_id, &asked);
  /* "Not found" about a payment that is on its way into the store would be a lie by the time it is read. */
  if (read->kind != GW_READ_TRANSACTION || !gw_payment_question (engine, read))
    engine->store.klass->read (engine->store.store, read);
}

void
gw_engine_get_transaction (GwEngine *engine, const GwCaller *caller, const char *group_id,
                           const char *transaction_id)
{
  GwRead *read = gw_read_new (GW_READ_TRANSACTION, 0);

  read->group_id = g_strdup (group_id);
  read->id = g_strdup (transaction_id);
  gw_engine_ask (engine, caller, read);
}

static gint
compare_views (gconstpointer a, gconstpointer b)
{
  const TgpTerminalView *x = a, *y = b;
  return strcmp (x->device_id ? x->device_id : x->connection_id,
                 y->device_id ? y->device_id : y->connection_id);
}

void
gw_engine_get_terminals (GwEngine *engine, const GwCaller *caller)
{
  GwGroup *group = gw_registry_group (engine, caller->key->group_id);
  g_autoptr (GArray) views = g_array_new (FALSE, FALSE, sizeof (TgpTerminalView));
  GHashTableIter iter;
  gpointer terminal;

  g_hash_table_iter_init (&iter, group->terminals);
  while (g_hash_table_iter_next (&iter, NULL, &terminal))
    {
      TgpTerminalView view;
      if (!gw_registry_is_listed (terminal))
        continue;
      gw_registry_view (terminal, &view);
      g_array_append_val (views, view);
    }
  g_array_sort (views, compare_views); /* the same order each time */
  GwAnswer answer = { .kind = GW_ANSWER_TERMINALS,
                      .request_id = caller->request_id,
                      .terminals = (TgpTerminalView *) views->data,
                      .count = views->len };
  gw_answer (engine, caller->link, &answer);
}

static void
answer_rows (GwEngine *engine, guint64 link, const char *request_id, GwRead *read)
{
  GwAnswer answer = { .request_id = request_id, .rows = read->rows };

  if (read->error)
    {
      g_log ("store", G_LOG_LEVEL_WARNING, "read failed: %s", read->error->message);
      gw_answer_error (engine, link, request_id, TGP_ERROR_STORAGE_UNAVAILABLE, NULL);
      return;
    }
  switch (read->kind)
    {
    case GW_READ_TRANSACTION:
      if (read->rows->len == 0)
        {
          gw_answer_payment_error (engine, link, request_id, TGP_ERROR_TRANSACTION_NOT_FOUND, NULL, read->id,
                                   NULL, 0);
          return;
        }
      answer.kind = GW_ANSWER_TRANSACTION;
      answer.row = read->rows->pdata[0];
      break;
    case GW_READ_TRANSACTIONS:
      answer.kind = GW_ANSWER_TRANSACTIONS;
      /* Callers ask for one more than they show. */
      answer.more = read->rows->len == read->limit;
      if (answer.more)
        g_ptr_array_set_size (read->rows, (gint) read->limit - 1);
      break;
    case GW_READ_TIMELINE:
      answer.kind = GW_ANSWER_TIMELINE;
      break;
    case GW_READ_ORPHANS:
      answer.kind = GW_ANSWER_ORPHANS;
      break;
    case GW_READ_AUDIT:
      answer.kind = GW_ANSWER_AUDIT;
      break;
    default:
      answer.kind = GW_ANSWER_MESSAGES;
      break;
    }
  gw_answer (engine, link, &answer);
}

/* --- /v1/messages --- */

static void
read_for_poll (GwEngine *engine, GwWait *wait)
{
  GwAsked *asked;
  GwRead *read = gw_read_new (GW_READ_MESSAGES, gw_note_asked (engine, wait->link, wait->request_id, &asked));

  asked->poll = TRUE;
  wait->reading = TRUE;
  wait->again = FALSE;
  read->key_id = g_strdup (wait->pos->key->key_id);
  read->limit = engine->settings.mailbox_window;
  engine->store.klass->read (engine->store.store, read);
}

void
gw_engine_get_messages (GwEngine *engine, const GwCaller *caller, gint64 wait_ms)
{
  GwWait *wait = g_new0 (GwWait, 1);

  wait->link = caller->link;
  wait->request_id = g_strdup (caller->request_id);
  wait->session_id = g_strdup (caller->session_id);
  wait->pos = gw_pos_find (engine, caller->key);
  g_ptr_array_add (wait->pos->polls, wait);
  g_hash_table_replace (engine->waits, &wait->link, wait);
  gw_arm (engine, &wait->deadline, GW_DEADLINE_WAIT, wait, wait_ms);
  read_for_poll (engine, wait);
}

void
gw_pos_wake_polls (GwEngine *engine, GwPos *pos)
{
  for (guint i = 0; i < pos->polls->len; i++)
    {
      GwWait *wait = pos->polls->pdata[i];
      wait->again = TRUE;
      if (!wait->reading)
        read_for_poll (engine, wait);
    }
}

static void
poll_read_done (GwEngine *engine, GwWait *wait, GwRead *read)
{
  wait->reading = FALSE;
  if (!read->error && read->rows->len == 0 && wait->deadline.position)
    {
      if (wait->again)
        read_for_poll (engine, wait);
      return;
    }
  guint64 link = wait->link;
  g_autofree char *request_id = g_strdup (wait->request_id);
  gw_wait_end (engine, wait);
  answer_rows (engine, link, request_id, read);
}

void
gw_pos_poll_timeout (GwEngine *engine, GwWait *wait)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  GwAnswer answer = { .kind = GW_ANSWER_MESSAGES, .rows = none };
  guint64 link = wait->link;

  if (wait->reading)
    return; /* what it brings is the answer, deadline or not */
  gw_wait_end (engine, wait);
  gw_answer (engine, link, &answer);
}

void
gw_pos_read_done (GwEngine *engine, guint64 token, GwRead *read)
{
  GwAsked *asked = g_hash_table_lookup (engine->asked, &token);
  GwWait *wait;

  if (!asked)
    return;
  if (asked->mailbox)
    gw_mailbox_read_done (asked->pos, read);
  else if (asked->doubt)
    gw_doubt_read_done (engine, asked, read);
  else if (!asked->poll)
    answer_rows (engine, asked->link, asked->request_id, read);
  else if ((wait = g_hash_table_lookup (engine->waits, &asked->link)))
    poll_read_done (engine, wait, read);
  g_hash_table_remove (engine->asked, &token);
}
