/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine's answers as HTTP responses or WebSocket messages. */
#include "gateway/api/api-private.h"

#include <string.h>

static void
send_text (GwPeer *peer, char *text)
{
  edge_connection_send_text (peer->connection, text, strlen (text));
  g_free (text);
}

static void
respond (GwPeer *peer, guint status, char *body)
{
  gw_peer_respond (peer, status, body, NULL);
  g_free (body);
}

static void
attached (GwPeer *peer)
{
  if (peer->state == GW_PEER_SHAKING)
    {
      guint64 link = peer->link;
      peer->state = GW_PEER_OPEN;
      g_clear_pointer (&peer->hand, g_free);
      edge_connection_upgrade (peer->connection);
      gw_engine_link_ready (peer->api->engine, link);
    }
  else if (peer->state == GW_PEER_ENTERING)
    {
      const EdgeRequest *request = g_steal_pointer (&peer->hand->request);
      gw_http_route (peer, request);
    }
}

/* --- lists --- */

static void
write_transaction (TgpJsonWriter *writer, const GwTransaction *row, gboolean operator, gint64 now)
{
  TgpTransaction view;

  gw_transaction_view (row, &view);
  tgp_json_open_object (writer, NULL);
  if (operator)
    {
      tgp_json_string (writer, "groupId", row->group_id);
      tgp_json_string (writer, "keyId", row->key_id);
    }
  tgp_transaction_write_members (writer, &view, now);
  tgp_json_close_object (writer);
}

char *
gw_api_transaction_json (const GwTransaction *row, gboolean operator, gint64 now)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  write_transaction (&writer, row, operator, now);
  return tgp_json_writer_end (&writer);
}

char *
gw_api_transactions_json (const GwAnswer *answer, gboolean operator)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_open_array (&writer, "transactions");
  for (guint i = 0; i < answer->rows->len; i++)
    write_transaction (&writer, answer->rows->pdata[i], operator, answer->now);
  tgp_json_close_array (&writer);
  if (answer->more && answer->rows->len)
    {
      const GwTransaction *last = answer->rows->pdata[answer->rows->len - 1];
      g_autofree char *cursor =
        g_strdup_printf ("%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, last->created_at, last->row_id);
      tgp_json_string (&writer, "nextCursor", cursor);
    }
  else
    tgp_json_null (&writer, "nextCursor");
  tgp_json_close_object (&writer);
  return tgp_json_writer_end (&writer);
}

static char *
messages (const GwAnswer *answer)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_open_array (&writer, "messages");
  for (guint i = 0; i < answer->rows->len; i++)
    tgp_json_raw (&writer, NULL, ((GwMessage *) answer->rows->pdata[i])->body);
  tgp_json_close_array (&writer);
  tgp_json_close_object (&writer);
  return tgp_json_writer_end (&writer);
}

/* --- HTTP --- */

/* The response of a voided payment says so where a source client looks: FAILED, VOIDED. */
static char *
voided_response (const GwTransaction *row)
{
  TgpPaymentResponse response = { .transaction_id = row->transaction_id,
                                  .status = TGP_RESULT_FAILED,
                                  .has_amount = TRUE,
                                  .amount = row->amount,
                                  .method = row->method,
                                  .has_method = TRUE,
                                  .error_code = (char *) "VOIDED",
                                  .error_message = row->void_reason,
                                  .timestamp = row->voided_at };
  memcpy (response.currency, row->currency, sizeof response.currency);
  return tgp_payment_response_to_json (&response);
}

static void
respond_outcome (GwPeer *peer, const GwAnswer *answer)
{
  const GwTransaction *row = answer->row;
  gboolean voided = row->status == TGP_STATUS_VOIDED;
  TgpVerdict verdict = gw_transaction_verdict (row);
  g_autofree char *response = voided ? voided_response (row) : gw_transaction_response_json (row);

  /* Who is told of the void needs no older news of this payment. */
  peer->hand->outcome_seq = row->outcome_seq;
  peer->hand->void_seq = voided ? row->void_seq : 0;
  respond (peer, 200,
           tgp_encode_payment_answer (row->transaction_id, gw_transaction_result (row), response,
                                      voided ? "VOIDED" : row->error_code, &verdict, answer->now));
}

static void
answer_http (GwPeer *peer, const GwAnswer *answer)
{
  g_autofree char *text = NULL;

  switch (answer->kind)
    {
    case GW_ANSWER_ERROR:
      gw_peer_respond_error (peer, &answer->error);
      break;
    case GW_ANSWER_PAYMENT_OUTCOME:
      respond_outcome (peer, answer);
      break;
    case GW_ANSWER_CANCEL_TAKEN:
    case GW_ANSWER_VOID_TAKEN:
      respond (peer, 202,
               tgp_encode_request_taken (answer->row->transaction_id, answer->row->status, answer->now));
      break;
    case GW_ANSWER_TRANSACTION:
      respond (peer, 200, gw_api_transaction_json (answer->row, FALSE, answer->now));
      break;
    case GW_ANSWER_TRANSACTIONS:
      respond (peer, 200, gw_api_transactions_json (answer, FALSE));
      break;
    case GW_ANSWER_TERMINALS:
      respond (peer, 200, tgp_encode_terminals (NULL, NULL, answer->terminals, answer->count, answer->now));
      break;
    case GW_ANSWER_MESSAGES:
      respond (peer, 200, messages (answer));
      break;
    case GW_ANSWER_ACKED:
      respond (peer, 200, g_strdup_printf ("{\"acked\":%u}", answer->count));
      break;
    default:
      gw_peer_refuse (peer, TGP_ERROR_INTERNAL_ERROR, "The gateway has no answer of this kind");
      break;
    }
}

/* --- WebSocket --- */

static void
answer_websocket (GwPeer *peer, const GwAnswer *answer)
{
  const GwTransaction *row = answer->row;
  TgpTransaction view;

  switch (answer->kind)
    {
    case GW_ANSWER_ERROR:
      gw_websocket_error (peer, &answer->error);
      break;
    case GW_ANSWER_PAYMENT_ACCEPTED:
      send_text (peer, tgp_encode_accepted ("paymentAccepted", answer->request_id, row->transaction_id,
                                            gw_transaction_terminal (row), (int) row->status));
      break;
    case GW_ANSWER_CANCEL_TAKEN:
      send_text (peer,
                 tgp_encode_accepted ("cancelAccepted", answer->request_id, row->transaction_id, NULL, -1));
      break;
    case GW_ANSWER_VOID_TAKEN:
      send_text (peer,
                 tgp_encode_accepted ("voidAccepted", answer->request_id, row->transaction_id, NULL, -1));
      break;
    case GW_ANSWER_TRANSACTION:
      gw_transaction_view (row, &view);
      send_text (peer, tgp_encode_transaction_status (answer->request_id, &view, answer->now));
      break;
    case GW_ANSWER_TERMINALS:
      send_text (peer, tgp_encode_terminals ("terminalsResponse", answer->request_id, answer->terminals,
                                             answer->count, answer->now));
      break;
    default:
      break;
    }
}

void
gw_api_answer (gpointer links, guint64 link, const GwAnswer *answer)
{
  GwApi *api = links;
  GwPeer *peer = g_hash_table_lookup (api->peers, &link);

  if (!peer || peer->state == GW_PEER_CLOSING)
    return;
  if (answer->kind == GW_ANSWER_ATTACHED)
    attached (peer);
  else if (peer->state == GW_PEER_ENTERING && answer->kind == GW_ANSWER_ERROR)
    gw_http_refuse (peer, peer->hand->request, answer->error.code, answer->error.message);
  else if (peer->admin)
    gw_admin_answer (peer, answer);
  else if (peer->state == GW_PEER_OPEN)
    answer_websocket (peer, answer);
  else
    answer_http (peer, answer);
}
