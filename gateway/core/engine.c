/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine's frame: ports in, ports out, deadlines, and which part handles what comes back. */
#include "gateway/core/engine-private.h"

#include "protocol/id.h"

#include <string.h>

void
gw_settings_default (GwSettings *settings)
{
  const gint64 second = 1000, day = 86400 * second;

  *settings = (GwSettings){
    .grace_period = 60 * second,
    .payment_timeout = 120 * second,
    .payment_limit = 600 * second,
    .cancel_timeout = 30 * second,
    .long_poll_timeout = 90 * second,
    .accept_timeout = 10 * second,
    .probe_timeout = 10 * second,
    .void_interval = 30 * second,
    .void_patience = 300 * second,
    .retry_interval = 500,
    .join_window = day,
    .signature_window = 300 * second,
    .heartbeat_interval = 30 * second,
    .shared_terminal_keys = TRUE,
    .mailbox_window = 64,
    .max_waiting = 4096,
    .max_signatures = 4 * 1024 * 1024,
    .max_waiting_age = 2 * second,
    .message_retention = 7 * day,
    .transaction_retention = 400 * day,
    .id_retention = 400 * day,
    .device_retention = 30 * day,
  };
}

static void
group_free (GwGroup *group)
{
  g_ref_string_release (group->group_id);
  g_ptr_array_unref (group->pos);
  g_hash_table_unref (group->terminals);
  g_free (group);
}

static void
link_free (GwLink *link)
{
  gw_key_unref (link->key);
  g_clear_pointer (&link->connection_id, g_ref_string_release);
  g_clear_pointer (&link->address, g_ref_string_release);
  g_clear_pointer (&link->user_agent, g_ref_string_release);
  g_free (link);
}

GwEngine *
gw_engine_new (const GwSettings *settings, GwClock clock, GwStore store, GwBus bus, GwLinks links)
{
  GwEngine *engine = g_new0 (GwEngine, 1);

  engine->settings = *settings;
  engine->clock = clock;
  engine->store = store;
  engine->bus = bus;
  engine->links_port = links;
  engine->keys = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, NULL);
  engine->keys_by_id = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) gw_key_unref);
  engine->links = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) link_free);
  engine->groups = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) group_free);
  engine->connections =
    g_hash_table_new_full (g_str_hash, g_str_equal, (GDestroyNotify) g_ref_string_release, NULL);
  engine->pos = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) gw_pos_free);
  engine->payments = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) gw_payment_free);
  engine->waits = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) gw_wait_free);
  engine->asked = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) gw_asked_free);
  gw_deadlines_init (&engine->deadlines);
  engine->dirty = g_ptr_array_new ();
  engine->signatures[0] = g_hash_table_new (NULL, NULL);
  engine->signatures[1] = g_hash_table_new (NULL, NULL);
  engine->new_signatures = g_array_new (FALSE, FALSE, sizeof (guint64));
  engine->next_token = GW_START_TOKEN + 1;
  return engine;
}

void
gw_engine_free (GwEngine *engine)
{
  gw_deadlines_clear (&engine->deadlines);
  g_hash_table_unref (engine->asked);
  g_hash_table_unref (engine->waits);
  g_hash_table_unref (engine->payments);
  g_hash_table_unref (engine->connections);
  g_hash_table_unref (engine->pos);
  g_hash_table_unref (engine->groups);
  g_hash_table_unref (engine->links);
  g_hash_table_unref (engine->keys);
  g_hash_table_unref (engine->keys_by_id);
  g_hash_table_unref (engine->signatures[0]);
  g_hash_table_unref (engine->signatures[1]);
  g_array_unref (engine->new_signatures);
  g_ptr_array_unref (engine->dirty);
  g_queue_clear_full (&engine->retries, (GDestroyNotify) gw_operation_free);
  g_queue_clear_full (&engine->submitted, g_free);
  g_clear_error (&engine->start_error);
  g_free (engine);
}

/* --- small things --- */

gint64
gw_now (GwEngine *engine)
{
  return engine->clock.klass->wall (engine->clock.clock);
}

gint64
gw_mono (GwEngine *engine)
{
  return engine->clock.klass->monotonic (engine->clock.clock);
}

char *
gw_hold (char *ref_string)
{
  return ref_string ? g_ref_string_acquire (ref_string) : NULL;
}

void
gw_make_id (GwEngine *engine, char buffer[TGP_UUID_SIZE])
{
  guint8 random[10];
  engine->clock.klass->random (engine->clock.clock, random, sizeof random);
  tgp_uuid7_format (gw_now (engine), random, buffer);
}

char *
gw_make_connection_id (GwEngine *engine)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  guint8 random[22];
  char id[23] = "";

  engine->clock.klass->random (engine->clock.clock, random, sizeof random);
  for (guint i = 0; i < sizeof random; i++)
    id[i] = alphabet[random[i] & 63];
  return g_ref_string_new (id);
}

GArray *
gw_link_ids (GwEngine *engine)
{
  GArray *ids = g_array_sized_new (FALSE, FALSE, sizeof (guint64), g_hash_table_size (engine->links));
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, engine->links);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_array_append_val (ids, *(guint64 *) id);
  return ids;
}

GwLink *
gw_find_link (GwEngine *engine, guint64 id)
{
  return g_hash_table_lookup (engine->links, &id);
}

void
gw_arm (GwEngine *engine, GwDeadline *deadline, GwDeadlineKind kind, gpointer owner, gint64 delay_ms)
{
  gw_deadline_arm (&engine->deadlines, deadline, kind, owner, gw_mono (engine) + MAX (delay_ms, 0));
}

void
gw_disarm (GwEngine *engine, GwDeadline *deadline)
{
  gw_deadline_disarm (&engine->deadlines, deadline);
}

GwOperation *
gw_begin (GwEngine *engine, GwOperationKind kind)
{
  GwOperation *op = gw_operation_new (kind, gw_now (engine));

  op->begun = gw_mono (engine);
  return op;
}

/* Signatures that were only seen since go first: they are durable no later than what they signed. */
static void
submit_signatures (GwEngine *engine)
{
  if (engine->new_signatures->len == 0)
    return;
  GwOperation *op = gw_begin (engine, GW_OP_SIGNATURES);
  op->quiet = TRUE;
  op->signatures = gw_signatures_new ();
  op->signatures->expires_at = op->now + 2 * engine->settings.signature_window;
  op->signatures->fingerprints =
    g_bytes_new (engine->new_signatures->data, engine->new_signatures->len * sizeof (guint64));
  g_array_set_size (engine->new_signatures, 0);
  gw_submit (engine, op);
}

void
gw_submit (GwEngine *engine, GwOperation *op)
{
  if (gw_is_behind (engine, op))
    {
      g_queue_push_tail (&engine->retries, op);
      return;
    }
  if (op->kind != GW_OP_SIGNATURES)
    submit_signatures (engine);
  gint64 *at = g_new (gint64, 1);
  *at = gw_mono (engine);
  g_queue_push_tail (&engine->submitted, at);
  engine->in_flight++;
  engine->store.klass->submit (engine->store.store, op);
}

void
gw_engine_get_load (GwEngine *engine, guint *waiting, gint64 *oldest_ms)
{
  gint64 *oldest = g_queue_peek_head (&engine->submitted);
  *waiting = engine->in_flight;
  *oldest_ms = oldest ? gw_mono (engine) - *oldest : 0;
  if (engine->retries.length && engine->store_fails)
    *oldest_ms = MAX (*oldest_ms, engine->settings.max_waiting_age + 1);
}

void
gw_send (GwEngine *engine, GwLink *link, char *text)
{
  if (link && link->ready)
    engine->links_port.klass->send (engine->links_port.links, link->id, text);
  g_free (text);
}

void
gw_disconnect (GwEngine *engine, GwLink *link, const TgpForceDisconnect *why)
{
  guint64 id = link->id;

  engine->links_port.klass->disconnect (engine->links_port.links, id, why);
  gw_engine_link_down (engine, id);
}

void
gw_answer (GwEngine *engine, guint64 link, GwAnswer *answer)
{
  answer->now = gw_now (engine);
  engine->links_port.klass->answer (engine->links_port.links, link, answer);
}

const char *
gw_usual_message (TgpErrorCode code)
{
  switch (code)
    {
    case TGP_ERROR_TERMINAL_NOT_FOUND:
      return "Terminal connection not found";
    case TGP_ERROR_GROUP_MISMATCH:
      return "Cannot send message to connection in different group";
    case TGP_ERROR_TERMINAL_OFFLINE:
      return "The terminal is not connected; wait until it is online, then try again";
    case TGP_ERROR_PAYMENT_IN_PROGRESS:
      return "Another payment holds this terminal";
    case TGP_ERROR_TRANSACTION_ID_REUSED:
      return "transactionId was used before for another payment; take a new one";
    case TGP_ERROR_TRANSACTION_NOT_FOUND:
      return "transactionId is not known in this group";
    case TGP_ERROR_FORBIDDEN:
      return "Only the API key that started the payment may cancel it";
    case TGP_ERROR_ALREADY_FINAL:
      return "The payment has its final state already";
    case TGP_ERROR_VOID_NOT_SUPPORTED:
      return "The terminal of this payment cannot void";
    case TGP_ERROR_DEVICE_ID_TAKEN:
      return "X-Device-Id belongs to another API key; the operator can release it";
    case TGP_ERROR_REPLAYED_REQUEST:
      return "This signed request was received before; sign each try anew";
    case TGP_ERROR_SESSION_DISPLACED:
      return "Another connection or session became the active one of this API key";
    case TGP_ERROR_TIMEOUT:
      return "No outcome yet; the payment goes on, ask for its status";
    case TGP_ERROR_DRAINING:
      return "The gateway is shutting down; nothing was started";
    case TGP_ERROR_OVERLOADED:
      return "The gateway is overloaded; nothing was started, try again in a moment";
    case TGP_ERROR_STORAGE_UNAVAILABLE:
      return "The gateway's storage is not available";
    case TGP_ERROR_NOT_FOUND:
      return "There is nothing of that name";
    default:
      return "The gateway could not do this";
    }
}

void
gw_answer_error (GwEngine *engine, guint64 link, const char *request_id, TgpErrorCode code,
                 const char *message)
{
  GwAnswer answer = { .kind = GW_ANSWER_ERROR,
                      .request_id = request_id,
                      .error = { .code = code,
                                 .message = message ? message : gw_usual_message (code),
                                 .request_id = request_id } };
  gw_answer (engine, link, &answer);
}

void
gw_answer_payment_error_with (GwEngine *engine, guint64 link, const char *request_id, TgpErrorCode code,
                              const char *message, const char *transaction_id, const TgpVerdict *verdict)
{
  GwAnswer answer = { .kind = GW_ANSWER_ERROR,
                      .request_id = request_id,
                      .error = { .code = code,
                                 .message = message ? message : gw_usual_message (code),
                                 .request_id = request_id,
                                 .transaction_id = transaction_id,
                                 .verdict = verdict } };
  gw_answer (engine, link, &answer);
}

void
gw_answer_payment_error (GwEngine *engine, guint64 link, const char *request_id, TgpErrorCode code,
                         const char *message, const char *transaction_id, const char *held_by,
                         gint64 grace_expires_at)
{
  TgpVerdict verdict = tgp_verdict_of_error (code);
  GwAnswer answer = { .kind = GW_ANSWER_ERROR,
                      .request_id = request_id,
                      .error = { .code = code,
                                 .message = message ? message : gw_usual_message (code),
                                 .request_id = request_id,
                                 .transaction_id = transaction_id,
                                 .held_by = held_by,
                                 .grace_expires_at = grace_expires_at,
                                 .verdict = &verdict } };
  gw_answer (engine, link, &answer);
}

/* --- authentication --- */

GwKey *
gw_engine_find_key (GwEngine *engine, const char *api_key)
{
  return g_hash_table_lookup (engine->keys, api_key);
}

GwKey *
gw_engine_find_key_by_id (GwEngine *engine, const char *key_id)
{
  return g_hash_table_lookup (engine->keys_by_id, key_id);
}

GwSignatureCheck
gw_engine_see_signature (GwEngine *engine, guint64 fingerprint, gboolean is_payment)
{
  gpointer entry = GSIZE_TO_POINTER ((gsize) fingerprint);
  gint64 now = gw_mono (engine);

  /* A signature is good from 5 minutes before its time to 5 minutes after: two generations of that length
   * cover it. */
  if (now - engine->signatures_since > 2 * engine->settings.signature_window)
    {
      GHashTable *oldest = engine->signatures[1];
      engine->signatures[1] = engine->signatures[0];
      engine->signatures[0] = oldest;
      g_hash_table_remove_all (oldest);
      engine->signatures_since = now;
    }
  if (g_hash_table_size (engine->signatures[0]) >= engine->settings.max_signatures)
    return GW_SIGNATURE_REFUSED;
  if (g_hash_table_contains (engine->signatures[1], entry) ||
      !g_hash_table_add (engine->signatures[0], entry))
    return GW_SIGNATURE_SEEN;
  if (!is_payment)
    gw_engine_keep_signature (engine, fingerprint);
  return GW_SIGNATURE_FRESH;
}

void
gw_engine_keep_signature (GwEngine *engine, guint64 fingerprint)
{
  if (fingerprint)
    g_array_append_val (engine->new_signatures, fingerprint);
}

/* --- what comes back --- */

static void
handle (GwEngine *engine, GwOperation *op)
{
  if (gw_not_stored (engine, op))
    return;

  switch (op->kind)
    {
    case GW_OP_PAY:
      gw_pay_done (engine, op);
      break;
    case GW_OP_CANCEL:
      gw_cancel_done (engine, op);
      break;
    case GW_OP_VOID:
      gw_void_done (engine, op);
      break;
    case GW_OP_RESULT:
      gw_terminal_result_done (engine, op);
      break;
    case GW_OP_STATUS:
      gw_terminal_status_done (engine, op);
      break;
    case GW_OP_VOID_ANSWER:
      gw_terminal_void_answered (engine, op);
      break;
    case GW_OP_LOST:
      gw_terminal_lost (engine, op);
      break;
    case GW_OP_GRACE_EXPIRED:
    case GW_OP_TIMED_OUT:
    case GW_OP_VOID_OVERDUE:
      if (op->result.row)
        gw_payment_changed (engine, op, op->result.row);
      break;
    case GW_OP_ABANDON:
      gw_abandoned (engine, op);
      break;
    case GW_OP_LOOK:
      gw_doubt_looked (engine, op);
      break;
    case GW_OP_RESTARTED:
      gw_start_restarted (engine, op);
      gw_start_step_done (engine);
      break;
    case GW_OP_ATTACH_DEVICE:
      gw_terminal_attached (engine, op);
      break;
    case GW_OP_HELLO:
      gw_terminal_greeted (engine, op);
      break;
    case GW_OP_ATTACH_SESSION:
      gw_pos_attached (engine, op);
      break;
    case GW_OP_ACK:
      gw_pos_acked (engine, op);
      break;
    case GW_OP_RELEASE:
    case GW_OP_RESOLVE:
    case GW_OP_DISCONNECT:
    case GW_OP_CREATE_KEY:
    case GW_OP_ROTATE_KEY:
    case GW_OP_REVOKE_KEY:
    case GW_OP_SWEEP:
      gw_staff_done (engine, op);
      break;
    case GW_OP_SIGNATURES:
    case GW_OP_AUDIT:
    case GW_N_OPERATIONS:
      break;
    }
  gw_operation_free (op);
}

void
gw_engine_operations_done (GwEngine *engine, GwOperation **ops, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      engine->store_fails = ops[i]->result.outcome == GW_FAILED || ops[i]->result.outcome == GW_UNCERTAIN;
      if (!engine->store_fails)
        break;
    }
  for (guint i = 0; i < n; i++)
    {
      g_free (g_queue_pop_head (&engine->submitted));
      engine->in_flight--;
      handle (engine, ops[i]);
    }
  gw_registry_flush (engine);
}

void
gw_engine_read_done (GwEngine *engine, GwRead *read)
{
  if (read->token == GW_START_TOKEN)
    gw_start_read_done (engine, read);
  else
    gw_pos_read_done (engine, read->token, read);
  gw_read_free (read);
}

void
gw_engine_hint (GwEngine *engine, GwHint hint, const char *id)
{
  GwPos *pos = hint == GW_HINT_MAILBOX ? gw_pos_find_by_id (engine, id) : NULL;

  if (pos)
    gw_mailbox_new_message (engine, pos, NULL);
}

/* --- deadlines --- */

void
gw_engine_advance (GwEngine *engine)
{
  gint64 now = gw_mono (engine);
  GwDeadline *deadline;

  submit_signatures (engine);
  while ((deadline = gw_deadlines_pop_due (&engine->deadlines, now)))
    switch ((GwDeadlineKind) deadline->kind)
      {
      case GW_DEADLINE_WAIT:
        gw_wait_timeout (engine, deadline->owner);
        break;
      case GW_DEADLINE_QUESTION:
        gw_question_timeout (engine, deadline->owner);
        break;
      case GW_DEADLINE_RECONNECT:
        gw_registry_set_status (engine, deadline->owner, TGP_TERMINAL_OFFLINE, 0, 0);
        break;
      case GW_DEADLINE_RETRY:
        gw_retry_all (engine);
        break;
      default:
        gw_payment_deadline (engine, deadline->owner, deadline->kind);
        break;
      }
  gw_registry_flush (engine);
}

gint64
gw_engine_next_deadline (GwEngine *engine)
{
  return engine->new_signatures->len ? gw_mono (engine) + 20 : gw_deadlines_next (&engine->deadlines);
}

/* --- end --- */

void
gw_engine_drain (GwEngine *engine)
{
  engine->draining = TRUE;
}

gboolean
gw_engine_is_draining (GwEngine *engine)
{
  return engine->draining;
}

void
gw_engine_finish (GwEngine *engine)
{
  TgpForceDisconnect why = { .reason = TGP_DISCONNECT_OTHER,
                             .message = "The gateway is shutting down",
                             .reconnect_allowed = TRUE };
  g_autoptr (GList) waits = g_hash_table_get_values (engine->waits);
  g_autoptr (GArray) links = gw_link_ids (engine);

  engine->draining = TRUE;
  for (GList *l = waits; l; l = l->next)
    gw_wait_timeout (engine, l->data);
  for (guint i = 0; i < links->len; i++)
    {
      GwLink *link = gw_find_link (engine, g_array_index (links, guint64, i));
      if (link)
        gw_disconnect (engine, link, &why);
    }
}

void
gw_engine_get_counters (GwEngine *engine, GwCounters *counters)
{
  GHashTableIter iter;
  gpointer value;

  *counters = (GwCounters){ .terminals = engine->n_terminals,
                            .terminals_online = g_hash_table_size (engine->connections),
                            .open_payments = g_hash_table_size (engine->payments),
                            .waiting = engine->in_flight,
                            .payments = engine->n_payments,
                            .completed = engine->n_completed,
                            .failed = engine->n_failed,
                            .cancelled = engine->n_cancelled,
                            .voided = engine->n_voided,
                            .messages_sent = engine->n_messages };
  g_hash_table_iter_init (&iter, engine->pos);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    counters->pos += ((GwPos *) value)->link != NULL;
}
