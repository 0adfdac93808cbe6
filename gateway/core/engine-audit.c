/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the engine itself has to record, beside what the operations do: who was ended by whom is known only
 * here, for the store remembers connections that are long gone. */
#include "gateway/core/engine-private.h"

void
gw_audit_of_key (GwEngine *engine, const GwKey *key, const char *actor, const char *what, const char *detail)
{
  GwOperation *op = gw_begin (engine, GW_OP_AUDIT);

  op->quiet = TRUE;
  op->group_id = gw_hold (key->group_id);
  op->key_id = gw_hold (key->key_id);
  op->actor = g_ref_string_new (actor);
  op->error_code = g_ref_string_new (what);
  op->error_message = g_ref_string_new (detail);
  gw_submit (engine, op);
}

void
gw_audit_displacement (GwEngine *engine, const GwKey *key, const char *actor, const char *from,
                       const char *by)
{
  g_autofree char *detail = g_strdup_printf ("from %s, by %s", from ? from : "nowhere", by ? by : "nowhere");

  gw_audit_of_key (engine, key, actor, "connection displaced", detail);
}
