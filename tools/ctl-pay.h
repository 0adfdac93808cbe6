/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "libtgwclient/tgwclient.h"
#include "tools/ctl.h"

G_BEGIN_DECLS

int ctl_payment_exit_code (TgwPayment *payment);
char *ctl_payment_to_json (TgwPayment *payment);

G_END_DECLS
