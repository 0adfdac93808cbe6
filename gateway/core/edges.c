/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The edges of a payment (section 8). Every change of a state goes through here. */
#include "gateway/core/operation-private.h"

/* Row: from, column: to. What is not here never happens. */
static const gboolean edges[TGP_N_STATUSES][TGP_N_STATUSES] = {
  [TGP_STATUS_PENDING] = { [TGP_STATUS_AWAITING_RECONNECT] = TRUE,
                           [TGP_STATUS_COMPLETED] = TRUE,
                           [TGP_STATUS_FAILED] = TRUE,
                           [TGP_STATUS_CANCELLED] = TRUE },
  [TGP_STATUS_AWAITING_RECONNECT] = { [TGP_STATUS_PENDING] = TRUE,
                                      [TGP_STATUS_COMPLETED] = TRUE,
                                      [TGP_STATUS_FAILED] = TRUE,
                                      [TGP_STATUS_CANCELLED] = TRUE },
  [TGP_STATUS_COMPLETED] = { [TGP_STATUS_VOIDED] = TRUE },
  [TGP_STATUS_FAILED] = { [TGP_STATUS_VOIDED] = TRUE },
  [TGP_STATUS_CANCELLED] = { [TGP_STATUS_VOIDED] = TRUE },
};

gboolean
gw_edge_is_legal (TgpStatus from, TgpStatus to)
{
  return edges[from][to];
}

gboolean
gw_change_status (GwChange *change, TgpStatus to)
{
  GwTransaction *row = change->row;

  if (!gw_edge_is_legal (row->status, to))
    {
      g_critical ("payment %s: %s -> %s is no edge", row->transaction_id, tgp_status_name (row->status),
                  tgp_status_name (to));
      return FALSE;
    }
  row->status = to;
  if (to != TGP_STATUS_AWAITING_RECONNECT)
    row->grace_expires_at = 0;
  if (to == TGP_STATUS_VOIDED)
    row->voided_at = change->op->now;
  else if (tgp_status_is_final (to))
    row->completed_at = change->op->now;
  return TRUE;
}

gboolean
gw_change_fail (GwChange *change, const char *error_code, const char *error_message)
{
  if (!gw_change_status (change, TGP_STATUS_FAILED))
    return FALSE;
  gw_set_text (&change->row->error_code, error_code);
  gw_set_text (&change->row->error_message, error_message);
  return TRUE;
}
