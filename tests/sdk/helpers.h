/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the client share: a client with short pauses, and calls that wait. */
#pragma once

#include "libtgwclient/tgw-client-private.h"
#include "libtgwclient/tgwclient.h"
#include "tests/sdk/fake-gateway.h"

G_BEGIN_DECLS

/* The result of an async call, once it is there. */
typedef struct
{
  GAsyncResult *result;
  guint n_calls;
} Call;

void call_done (GObject *source, GAsyncResult *result, gpointer call);
void call_clear (Call *call);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

/* A file of its own for a journal; all of them go when the program ends. */
char *journal_path_new (void);
/* While no client has the file open: statements, or a question with a number as its answer. */
void journal_sql (const char *path, const char *statements);
int journal_sql_int (const char *path, const char *question);
/* All pauses of a few ms, and a fresh journal. */
TgwClient *client_new (const char *url);
TgwClient *client_new_with_journal (const char *url, const char *path);
/* Connects and waits; asserts that it worked. */
void client_connect (TgwClient *client);
/* The same, and returns the error. */
GError *client_connect_error (TgwClient *client);
TgwPaymentRequest *request_new (const char *transaction_id);
/* Starts a payment of 12.34 EUR on TERM-001 and waits until the gateway has it. */
void client_pay (TgwClient *client, FakeGateway *gateway, const char *transaction_id,
                 GCancellable *cancellable, Call *call);
/* Waits for the end of it. */
TgwPayment *client_paid (TgwClient *client, Call *call);
/* A payment from start to outcome, without acknowledging it. The message is acked. */
void client_pay_to_end (TgwClient *client, FakeGateway *gateway, const char *transaction_id,
                        const char *status, const char *message_id);
/* The payment with this id, from what is listed; asserts that it is there. */
TgwPayment *client_payment (TgwClient *client, const char *transaction_id);
guint client_n_unclaimed (TgwClient *client);
void client_acknowledge (TgwClient *client, const char *transaction_id, guint revision);
/* Ends everything and asserts that the client is gone. */
void client_finalize (TgwClient *client);

void send_complete (FakeGateway *gateway, const char *transaction_id, const char *status,
                    const char *message_id);

/* About T1: the answer to a query, with more members; a message about its reversal. */
void send_status (FakeGateway *gateway, const char *request_id, const char *status, const char *more,
                  const char *money);
void send_void (FakeGateway *gateway, const char *action, const char *void_status, const char *money,
                const char *message_id);
void expect_ack (FakeGateway *gateway, const char *message_id);

/* Counts the emissions of a signal, and keeps the last payment's id. */
typedef struct
{
  guint n;
  char last[80];
} Counter;
void count_payments (TgwClient *client, const char *signal, Counter *counter);

G_END_DECLS
