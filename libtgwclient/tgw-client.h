/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "libtgwclient/tgw-enums.h"
#include "libtgwclient/tgw-payment-request.h"
#include "libtgwclient/tgw-payment.h"
#include "libtgwclient/tgw-terminal.h"

G_BEGIN_DECLS

#define TGW_TYPE_CLIENT (tgw_client_get_type ())

TGW_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (TgwClient, tgw_client, TGW, CLIENT, GObject)

TGW_AVAILABLE_IN_0_1
TgwClient *tgw_client_new (const char *gateway_url, const char *api_key, const char *api_secret,
                           GError **error);

TGW_AVAILABLE_IN_0_1
TgwClient *tgw_client_new_from_key_file (const char *gateway_url, const char *path, GError **error);

TGW_AVAILABLE_IN_0_1
const char *tgw_client_get_gateway_url (TgwClient *self);

TGW_AVAILABLE_IN_0_1
TgwClientState tgw_client_get_state (TgwClient *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_client_get_connection_id (TgwClient *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_client_get_group_id (TgwClient *self);

TGW_AVAILABLE_IN_0_1
TgwReconnectPolicy tgw_client_get_reconnect_policy (TgwClient *self);

TGW_AVAILABLE_IN_0_1
void tgw_client_set_reconnect_policy (TgwClient *self, TgwReconnectPolicy policy);

TGW_AVAILABLE_IN_0_1
gboolean tgw_client_get_allow_plain_text (TgwClient *self);

TGW_AVAILABLE_IN_0_1
void tgw_client_set_allow_plain_text (TgwClient *self, gboolean allow);

TGW_AVAILABLE_IN_0_1
guint tgw_client_get_pay_timeout (TgwClient *self);

TGW_AVAILABLE_IN_0_1
void tgw_client_set_pay_timeout (TgwClient *self, guint seconds);

TGW_AVAILABLE_IN_0_1
TgwTransportMode tgw_client_get_transport (TgwClient *self);

TGW_AVAILABLE_IN_0_1
void tgw_client_set_transport (TgwClient *self, TgwTransportMode mode);

TGW_AVAILABLE_IN_0_1
const char *tgw_client_get_damaged_journal (TgwClient *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_client_get_displaced_by (TgwClient *self);

TGW_AVAILABLE_IN_0_1
GDateTime *tgw_client_dup_displaced_at (TgwClient *self);

TGW_AVAILABLE_IN_0_1
gint64 tgw_client_get_clock_skew (TgwClient *self);

TGW_AVAILABLE_IN_0_1
GListModel *tgw_client_get_terminals (TgwClient *self);

TGW_AVAILABLE_IN_0_1
GListModel *tgw_client_get_payments (TgwClient *self);

TGW_AVAILABLE_IN_0_1
GListModel *tgw_client_get_unclaimed (TgwClient *self);

TGW_AVAILABLE_IN_0_1
TgwPayment *tgw_client_lookup_payment (TgwClient *self, const char *transaction_id);

TGW_AVAILABLE_IN_0_1
gboolean tgw_client_acknowledge (TgwClient *self, TgwPayment *payment, guint revision, GError **error);

TGW_AVAILABLE_IN_0_1
void tgw_client_connect_async (TgwClient *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data);

TGW_AVAILABLE_IN_0_1
gboolean tgw_client_connect_finish (TgwClient *self, GAsyncResult *result, GError **error);

TGW_AVAILABLE_IN_0_1
void tgw_client_close (TgwClient *self);

TGW_AVAILABLE_IN_0_1
void tgw_client_pay_async (TgwClient *self, const char *terminal_id, TgwPaymentRequest *request,
                           GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

TGW_AVAILABLE_IN_0_1
TgwPayment *tgw_client_pay_finish (TgwClient *self, GAsyncResult *result, GError **error);

TGW_AVAILABLE_IN_0_1
void tgw_client_query_async (TgwClient *self, const char *transaction_id, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);

TGW_AVAILABLE_IN_0_1
TgwPayment *tgw_client_query_finish (TgwClient *self, GAsyncResult *result, GError **error);

TGW_AVAILABLE_IN_0_1
void tgw_client_cancel_async (TgwClient *self, const char *transaction_id, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);

TGW_AVAILABLE_IN_0_1
gboolean tgw_client_cancel_finish (TgwClient *self, GAsyncResult *result, GError **error);

TGW_AVAILABLE_IN_0_1
void tgw_client_void_async (TgwClient *self, const char *transaction_id, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data);

TGW_AVAILABLE_IN_0_1
gboolean tgw_client_void_finish (TgwClient *self, GAsyncResult *result, GError **error);

TGW_AVAILABLE_IN_0_1
void tgw_client_refresh_async (TgwClient *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data);

TGW_AVAILABLE_IN_0_1
gboolean tgw_client_refresh_finish (TgwClient *self, GAsyncResult *result, GError **error);

TGW_AVAILABLE_IN_0_1
void tgw_client_fetch_async (TgwClient *self, const char *path, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);

TGW_AVAILABLE_IN_0_1
char *tgw_client_fetch_finish (TgwClient *self, GAsyncResult *result, GError **error);

TGW_AVAILABLE_IN_0_1
gboolean tgw_client_connect_sync (TgwClient *self, GCancellable *cancellable, GError **error);

TGW_AVAILABLE_IN_0_1
TgwPayment *tgw_client_pay_sync (TgwClient *self, const char *terminal_id, TgwPaymentRequest *request,
                                 GCancellable *cancellable, GError **error);

TGW_AVAILABLE_IN_0_1
TgwPayment *tgw_client_query_sync (TgwClient *self, const char *transaction_id, GCancellable *cancellable,
                                   GError **error);

TGW_AVAILABLE_IN_0_1
gboolean tgw_client_void_sync (TgwClient *self, const char *transaction_id, GCancellable *cancellable,
                               GError **error);

G_END_DECLS
