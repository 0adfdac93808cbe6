/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The whole library. */
#pragma once

#include "libtgwclient/tgw-client.h"
#include "libtgwclient/tgw-enum-types.h"
#include "libtgwclient/tgw-enums.h"
#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-macros.h"
#include "libtgwclient/tgw-payment-request.h"
#include "libtgwclient/tgw-payment.h"
#include "libtgwclient/tgw-product.h"
#include "libtgwclient/tgw-terminal.h"
#include "libtgwclient/tgw-verdict.h"
#include "libtgwclient/tgw-version.h"
