/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libtgwclient/tgw-product.h"
#include "protocol/json-writer.h"

G_BEGIN_DECLS

/* As an item of "products". */
void tgw_product_write (TgwProduct *product, TgpJsonWriter *writer, const char *currency);

TgwProduct *tgw_product_copy (TgwProduct *product);

G_END_DECLS
