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
  TgwEntry *entry = g_rc_box_new0 (TgwEntry);

  entry->payment = g_object_ref (payment);
  entry->news = g_ptr_array_new_with_free_func (news_free);
  return entry;
}

TgwEntry *
tgw_entry_ref (TgwEntry *entry)
{
  return entry != NULL ? g_rc_box_acquire (entry) : NULL;
}

static void
entry_clear (gpointer data)
{
  TgwEntry *entry = data;

  g_object_unref (entry->payment);
  g_ptr_array_unref (entry->news);
}

void
tgw_entry_unref (TgwEntry *entry)
{
  g_rc_box_release_full (entry, entry_clear);
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
