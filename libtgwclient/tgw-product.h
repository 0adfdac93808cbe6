/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "libtgwclient/tgw-macros.h"

G_BEGIN_DECLS

#define TGW_TYPE_PRODUCT (tgw_product_get_type ())

TGW_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (TgwProduct, tgw_product, TGW, PRODUCT, GObject)

TGW_AVAILABLE_IN_0_1
TgwProduct *tgw_product_new (const char *id, const char *name, gint64 price, const char *quantity);

G_END_DECLS
