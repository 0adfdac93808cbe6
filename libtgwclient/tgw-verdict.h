/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "libtgwclient/tgw-enums.h"

G_BEGIN_DECLS

#define TGW_TYPE_VERDICT (tgw_verdict_get_type ())

/**
 * TgwVerdict:
 *
 * What is known about the customer's money, and what to do next (section 4 of the protocol, “The verdict”).
 * Immutable, and thus good in every thread.
 *
 * Every [class@Payment] has one, so that neither a cashier nor a program has to guess.
 *
 * Since: 0.1
 */
typedef struct _TgwVerdict TgwVerdict;

TGW_AVAILABLE_IN_0_1
GType tgw_verdict_get_type (void);

TGW_AVAILABLE_IN_0_1
TgwVerdict *tgw_verdict_ref (TgwVerdict *verdict);

TGW_AVAILABLE_IN_0_1
void tgw_verdict_unref (TgwVerdict *verdict);

TGW_AVAILABLE_IN_0_1
TgwMoneyMoved tgw_verdict_get_money_moved (TgwVerdict *verdict);

TGW_AVAILABLE_IN_0_1
gboolean tgw_verdict_get_retry_safe (TgwVerdict *verdict);

TGW_AVAILABLE_IN_0_1
TgwNextAction tgw_verdict_get_next_action (TgwVerdict *verdict);

TGW_AVAILABLE_IN_0_1
const char *tgw_verdict_get_message (TgwVerdict *verdict);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TgwVerdict, tgw_verdict_unref)

G_END_DECLS
