/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The client's memory on disk: a SQLite file with every payment that was started here or heard of, which
 * news the application has not acknowledged, and which messages were taken in. Each call is durable when it
 * returns. One journal has one user at a time: the file is locked while it is open. */
#pragma once

#include "libtgwclient/tgw-entry.h"

G_BEGIN_DECLS

#define TGW_JOURNAL_IN_MEMORY ":memory:"

typedef struct _TgwJournal TgwJournal;

/* $XDG_STATE_HOME/tgwclient/KEY.journal, where KEY stands for the API key without telling it. */
char *tgw_journal_default_path (const char *api_key);

/* A file that is damaged is set aside (see tgw_journal_set_aside()), and what can still be read of it is
 * taken over. TGW_ERROR_JOURNAL or TGW_ERROR_JOURNAL_IN_USE. */
TgwJournal *tgw_journal_open (const char *path, GError **error);
void tgw_journal_close (TgwJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TgwJournal, tgw_journal_close)

/* Where the damaged file lies that was found at this opening; NULL: there was none. */
const char *tgw_journal_set_aside (TgwJournal *journal);

/* What the journal knows about itself. The digest of the API key that it belongs to, the group of that key
 * once a gateway told it, and whether the gateway must still be asked for what a damaged file has lost. */
#define TGW_JOURNAL_KEY     "key"
#define TGW_JOURNAL_GROUP   "group"
#define TGW_JOURNAL_RECLAIM "reclaim"
/* NULL: not known. */
char *tgw_journal_dup_word (TgwJournal *journal, const char *name);
/* value NULL: not known any more. */
gboolean tgw_journal_set_word (TgwJournal *journal, const char *name, const char *value, GError **error);

/* Entries that are open, have unacknowledged news, or are among the newest limit ones; oldest first. Damage
 * that shows only now is handled as at opening. */
GPtrArray *tgw_journal_load (TgwJournal *journal, guint limit, GError **error);
/* NULL without an error: not there. */
TgwEntry *tgw_journal_find (TgwJournal *journal, const char *transaction_id, GError **error);

/* The payment as it is now, its unsaved news and the messages that brought them, in one commit. With
 * message_id also a message that brought no news. Marks what it saved. */
gboolean tgw_journal_save (TgwJournal *journal, TgwEntry *entry, const char *message_id, GError **error);
/* As if the payment had never been written. */
gboolean tgw_journal_forget (TgwJournal *journal, const char *transaction_id, GError **error);
/* The application has all news up to this revision. */
gboolean tgw_journal_acknowledge (TgwJournal *journal, const char *transaction_id, guint revision,
                                  GError **error);
gboolean tgw_journal_seen (TgwJournal *journal, const char *message_id);
/* Removes at most limit closed and acknowledged payments older than before (ms), and old message ids. */
gboolean tgw_journal_sweep (TgwJournal *journal, gint64 before, guint limit, GError **error);

G_END_DECLS
