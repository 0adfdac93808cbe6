/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libtgwclient/tgw-verdict.h"
#include "protocol/verdict.h"

G_BEGIN_DECLS

TgwVerdict *tgw_verdict_new (const TgpVerdict *verdict);
gboolean tgw_verdict_same (TgwVerdict *verdict, const TgpVerdict *other);

G_END_DECLS
