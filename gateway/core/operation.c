/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which operation runs where, and one batch as one transaction. */
#include "gateway/core/operation-private.h"

GwOperation *
gw_operation_new (GwOperationKind kind, gint64 now)
{
  GwOperation *op = g_new0 (GwOperation, 1);
  op->kind = kind;
  op->now = now;
  return op;
}

static void
result_clear (GwResult *result)
{
  g_clear_pointer (&result->held_by, g_free);
  g_clear_pointer (&result->left, g_free);
  g_clear_pointer (&result->row, gw_transaction_unref);
  g_clear_pointer (&result->messages, g_ptr_array_unref);
  g_clear_pointer (&result->repeat, gw_message_unref);
  g_clear_pointer (&result->device, gw_device_unref);
  g_clear_pointer (&result->obligations, g_ptr_array_unref);
  g_clear_pointer (&result->rows, g_ptr_array_unref);
  g_clear_pointer (&result->session, gw_session_unref);
  g_clear_pointer (&result->key, gw_key_unref);
  g_clear_pointer (&result->successor, gw_key_unref);
  *result = (GwResult){ 0 };
}

void
gw_operation_free (GwOperation *op)
{
  char **texts[] = { &op->group_id,   &op->transaction_id, &op->key_id,        &op->slot,
                     &op->device_id,  &op->connection_id,  &op->terminal_id,   &op->actor,
                     &op->journal_id, &op->error_code,     &op->error_message, &op->metadata,
                     &op->session_id, &op->address,        &op->user_agent,    &op->caller_connection };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_clear_pointer (texts[i], g_ref_string_release);
  g_free (op->request_id);
  g_clear_pointer (&op->payment, tgp_payment_request_free);
  g_clear_pointer (&op->response, tgp_payment_response_free);
  g_clear_pointer (&op->message_ids, g_ptr_array_unref);
  g_clear_pointer (&op->seqs, g_array_unref);
  g_clear_pointer (&op->key, gw_key_unref);
  g_clear_pointer (&op->signatures, gw_signatures_unref);
  result_clear (&op->result);
  g_free (op);
}

void
gw_operation_run (GwTables *tables, GwOperation *op)
{
  static void (*const run[GW_N_OPERATIONS]) (GwTables *, GwOperation *) = {
    [GW_OP_PAY] = gw_run_pay,
    [GW_OP_CANCEL] = gw_run_cancel,
    [GW_OP_VOID] = gw_run_void,
    [GW_OP_RESULT] = gw_run_result,
    [GW_OP_STATUS] = gw_run_status,
    [GW_OP_VOID_ANSWER] = gw_run_void_answer,
    [GW_OP_VOID_OVERDUE] = gw_run_void_overdue,
    [GW_OP_LOST] = gw_run_lost,
    [GW_OP_GRACE_EXPIRED] = gw_run_grace_expired,
    [GW_OP_TIMED_OUT] = gw_run_timed_out,
    [GW_OP_RESTARTED] = gw_run_restarted,
    [GW_OP_ABANDON] = gw_run_abandon,
    [GW_OP_ATTACH_DEVICE] = gw_run_attach_device,
    [GW_OP_HELLO] = gw_run_hello,
    [GW_OP_RELEASE] = gw_run_release,
    [GW_OP_RESOLVE] = gw_run_resolve,
    [GW_OP_DISCONNECT] = gw_run_disconnect,
    [GW_OP_ATTACH_SESSION] = gw_run_attach_session,
    [GW_OP_ACK] = gw_run_ack,
    [GW_OP_SIGNATURES] = gw_run_signatures,
    [GW_OP_CREATE_KEY] = gw_run_create_key,
    [GW_OP_ROTATE_KEY] = gw_run_rotate_key,
    [GW_OP_REVOKE_KEY] = gw_run_revoke_key,
    [GW_OP_LOOK] = gw_run_look,
    [GW_OP_AUDIT] = gw_run_audit,
    [GW_OP_SWEEP] = gw_run_sweep,
  };

  op->result.outcome = GW_UNCHANGED;
  run[op->kind](tables, op);
}

static GwCommit
run_batch (GwTables *tables, GwOperation **ops, guint n, GError **error)
{
  if (!tables->klass->begin (tables, error))
    return GW_COMMIT_FAILED;
  for (guint i = 0; i < n; i++)
    gw_operation_run (tables, ops[i]);
  return tables->klass->commit (tables, error);
}

void
gw_operations_run (GwTables *tables, GwOperation **ops, guint n)
{
  g_autoptr (GError) error = NULL;
  GwCommit commit = run_batch (tables, ops, n, &error);

  if (commit == GW_COMMIT_DONE)
    return;
  for (guint i = 0; i < n; i++)
    {
      result_clear (&ops[i]->result);
      ops[i]->result.outcome = commit == GW_COMMIT_UNCERTAIN ? GW_UNCERTAIN : GW_FAILED;
    }
  g_log ("store", G_LOG_LEVEL_WARNING, "%u operations not stored: %s", n,
         error ? error->message : "unknown reason");
  /* One that cannot be stored must not keep the others from it for good. */
  for (guint i = 0; commit == GW_COMMIT_FAILED && n > 1 && i < n; i++)
    gw_operations_run (tables, &ops[i], 1);
}
