/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An outcome, as the answer to a request that waited for it. */
#include "localproxy/proxy-private.h"

#include <string.h>

/* The response of a voided payment says so where a source client looks: FAILED, VOIDED. */
static char *
voided_response (const TgpPosEvent *event)
{
  g_autoptr (TgpPaymentResponse) response =
    event->response ? tgp_payment_response_copy (event->response) : tgp_payment_response_new ();

  g_free (response->transaction_id);
  g_free (response->error_code);
  g_free (response->error_message);
  response->transaction_id = g_strdup (event->transaction_id);
  response->status = TGP_RESULT_FAILED;
  response->error_code = g_strdup ("VOIDED");
  response->error_message = g_strdup (event->reason);
  return tgp_payment_response_to_json (response);
}

void
lp_respond_outcome (LpPeer *peer, const LpMessage *message)
{
  g_autoptr (TgpPosEvent) event = tgp_pos_event_decode (message->body, strlen (message->body), NULL);
  gboolean voided = event && event->type == TGP_EVENT_PAYMENT_VOIDED;
  g_autofree char *response = NULL, *body = NULL;

  g_return_if_fail (event != NULL);
  response = voided ? voided_response (event) : g_strdup (event->response_json);
  body = tgp_encode_payment_answer (
    event->transaction_id, voided ? TGP_RESULT_FAILED : event->result, response,
    voided                                                   ? "VOIDED"
    : event->response && event->result != TGP_RESULT_SUCCESS ? event->response->error_code
                                                             : NULL,
    &event->verdict, lp_now ());
  lp_wait_end (peer);
  peer->outcome_seq = message->acked ? 0 : message->seq;
  lp_peer_respond (peer, 200, body, NULL, FALSE);
}
