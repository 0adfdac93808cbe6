/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the decoders of all four directions share. */
#pragma once

#include "protocol/json-writer.h"
#include "protocol/json.h"
#include "protocol/pos-message.h"

G_BEGIN_DECLS

#define TGP_REQUEST_ID_MAX 128
#define TGP_TEXT_MAX       1024
#define TGP_STAGE_MAX      64

/* Position of the member "action" in names[]; -1 with an error, or *unknown TRUE if it is a word that is not
 * there. */
int tgp_read_action (TgpValue object, const char *const *names, guint n, gboolean *unknown, GError **error);
/* A name that may be a connectionId: any mix of the alphabet. */
gboolean tgp_get_terminal_id (TgpValue object, const char *name, char **out, GError **error);
/* requestId and transactionId, as far as they can be read. */
void tgp_fill_hint (TgpValue object, const char *payload, TgpMessageHint *hint);

/* {"action":…,"requestId"? */
void tgp_open_message (TgpJsonWriter *writer, const char *action, const char *request_id);
char *tgp_close_message (TgpJsonWriter *writer) G_GNUC_WARN_UNUSED_RESULT;
void tgp_write_ids (TgpJsonWriter *writer, const char *name, const GPtrArray *ids);

G_END_DECLS
