/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-entry.h"

static void
news_free (gpointer data)
{
  TgwNews *news = data;

  g_free (news->message_id);
  g_free (news);
}

TgwEntry *
tgw_entry_new (TgwPayment *payment)
{
  TgwEntry *entry = g_new0 (TgwEntry, 1);

  entry->payment = g_object_ref (payment);
  entry->news = g_ptr_array_new_with_free_func (news_free);
  return entry;
}

void
tgw_entry_free (TgwEntry *entry)
{
  g_object_unref (entry->payment);
  g_ptr_array_unref (entry->news);
  g_free (entry);
}

void
tgw_entry_add_news (TgwEntry *entry, guint revision, TgwTold kind, const char *message_id)
{
  TgwNews *news = g_new0 (TgwNews, 1);

  news->revision = revision;
  news->kind = kind;
  news->message_id = g_strdup (message_id);
  g_ptr_array_add (entry->news, news);
}
