/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a journal knows about itself: words by name. */
#include "libtgwclient/tgw-journal-private.h"

char *
tgw_journal_dup_word (TgwJournal *self, const char *name)
{
  sqlite3_stmt *statement = NULL;
  char *value = NULL;

  if (sqlite3_prepare_v2 (self->db, "SELECT value FROM meta WHERE name = ?", -1, &statement, NULL) ==
        SQLITE_OK &&
      sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC) == SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW)
    value = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_finalize (statement);
  return value;
}

gboolean
tgw_journal_set_word (TgwJournal *self, const char *name, const char *value, GError **error)
{
  const char *sql =
    value != NULL ? "INSERT OR REPLACE INTO meta VALUES (?,?)" : "DELETE FROM meta WHERE name = ?";
  sqlite3_stmt *statement = NULL;
  gboolean set = sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL) == SQLITE_OK &&
                 sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC) == SQLITE_OK &&
                 (value == NULL || sqlite3_bind_text (statement, 2, value, -1, SQLITE_STATIC) == SQLITE_OK) &&
                 sqlite3_step (statement) == SQLITE_DONE;

  if (!set)
    tgw_journal_fail (self, error);
  sqlite3_finalize (statement);
  return set;
}

/* From a file that may be damaged: what cannot be read is left out. */
gboolean
tgw_journal_copy_words (TgwJournal *self, TgwJournal *from, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean good = TRUE;

  if (sqlite3_prepare_v2 (from->db, "SELECT name, value FROM meta", -1, &statement, NULL) == SQLITE_OK)
    while (good && sqlite3_step (statement) == SQLITE_ROW)
      {
        const char *name = (const char *) sqlite3_column_text (statement, 0);

        if (g_strcmp0 (name, TGW_JOURNAL_SUSPECT) != 0)
          good = tgw_journal_set_word (self, name, (const char *) sqlite3_column_text (statement, 1), error);
      }
  sqlite3_finalize (statement);
  return good;
}
