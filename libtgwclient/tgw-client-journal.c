/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose the journal is. What a gateway does not know says something about a payment only if that payment was
 * made in the group that is asked: with the journal of another group, “not found” would turn what a customer
 * has paid into “never arrived”. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-error.h"

static char *
digest_of (TgwClient *self)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, self->api_key, -1);
}

gboolean
tgw_client_open_journal (TgwClient *self, GError **error)
{
  g_autofree char *digest = digest_of (self), *key = NULL;
  TgwJournal *journal;

  if (self->journal_path == NULL)
    self->journal_path = tgw_journal_default_path (self->api_key);
  if (!tgw_ledger_open (self->ledger, self->journal_path, error))
    return FALSE;
  journal = tgw_ledger_get_journal (self->ledger);
  key = tgw_journal_dup_word (journal, TGW_JOURNAL_KEY);
  return key != NULL || tgw_journal_set_word (journal, TGW_JOURNAL_KEY, digest, error);
}

/* What cannot be written now is told again at the next connection. */
static void
note (TgwJournal *journal, const char *name, const char *value)
{
  g_autoptr (GError) error = NULL;

  if (!tgw_journal_set_word (journal, name, value, &error))
    g_warning ("%s", error->message);
}

gboolean
tgw_client_check_journal (TgwClient *self, const char *group_id)
{
  TgwJournal *journal = tgw_ledger_get_journal (self->ledger);
  g_autofree char *digest = digest_of (self), *key = NULL, *group = NULL;
  g_autoptr (GError) error = NULL;

  if (journal == NULL)
    return TRUE;
  key = tgw_journal_dup_word (journal, TGW_JOURNAL_KEY);
  group = tgw_journal_dup_word (journal, TGW_JOURNAL_GROUP);
  self->journal_is_ours = g_strcmp0 (key, digest) == 0;
  if (group_id == NULL)
    return TRUE;
  if (group == NULL)
    {
      /* Another key's may be any group's. */
      if (self->journal_is_ours)
        note (journal, TGW_JOURNAL_GROUP, group_id);
      return TRUE;
    }
  if (strcmp (group, group_id) != 0)
    {
      self->journal_is_ours = FALSE;
      error =
        g_error_new (TGW_ERROR, TGW_ERROR_JOURNAL,
                     "The payment journal “%s” belongs to the group “%s”, and this API key to the group "
                     "“%s”; nothing was done. Give this key a journal of its own",
                     self->journal_path, group, group_id);
      tgw_client_give_up (self, error);
      return FALSE;
    }
  /* A key's successor: from now on also where no group is told. */
  if (!self->journal_is_ours)
    note (journal, TGW_JOURNAL_KEY, digest);
  self->journal_is_ours = TRUE;
  return TRUE;
}
