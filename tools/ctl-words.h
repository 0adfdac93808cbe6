/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A payment in words. */
#pragma once

#include "protocol/json.h"

G_BEGIN_DECLS

/* Three lines at most: what is known about the money, and what to do. verdict: the wire object. */
void ctl_print_verdict (TgpValue verdict);
/* A wire Transaction, member by member. */
void ctl_print_transaction (TgpValue transaction);
/* The exit code for a wire Transaction. */
int ctl_transaction_exit_code (TgpValue transaction);

G_END_DECLS
