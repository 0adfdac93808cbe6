/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sim-book.h"

#include <gio/gio.h>
#include <stdlib.h>

#include "protocol/json-writer.h"
#include "protocol/json.h"

#define MAX_ENTRIES 1000

struct _SimBook
{
  char *path;
  char *journal_id;
  GPtrArray *entries;
  GHashTable *by_id; /* borrows from entries */
};

static void
entry_free (gpointer data)
{
  SimEntry *entry = data;

  g_free (entry->transaction_id);
  g_clear_pointer (&entry->response, tgp_payment_response_free);
  g_free (entry);
}

static gboolean
flag (TgpValue object, const char *name)
{
  gboolean value = FALSE;

  return tgp_get_optional_boolean (object, name, FALSE, &value, NULL) && value;
}

static gboolean
read_entry (SimBook *self, TgpValue object, GError **error)
{
  g_autofree char *id = NULL, *state = NULL;
  TgpValue response = tgp_value_member (object, "response");
  SimEntry *entry;

  if (!tgp_get_id (object, "transactionId", &id, error) ||
      !tgp_get_string (object, "state", 16, &state, error))
    return FALSE;
  entry = sim_book_add (self, id,
                        g_strcmp0 (state, "active") == 0 ? SIM_ENTRY_ACTIVE
                        : g_strcmp0 (state, "done") == 0 ? SIM_ENTRY_DONE
                                                         : SIM_ENTRY_DENIED);
  entry->acked = flag (object, "acked");
  entry->voided = flag (object, "voided");
  entry->refuses_void = flag (object, "refusesVoid");
  if (entry->state == SIM_ENTRY_DONE)
    entry->response = tgp_payment_response_read (response, error);
  return entry->state != SIM_ENTRY_DONE || entry->response != NULL;
}

static gboolean
read_file (SimBook *self, GError **error)
{
  g_autofree char *text = NULL, *journal_id = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) reason = NULL;
  TgpValue root, payments;
  gsize length;

  if (!g_file_get_contents (self->path, &text, &length, &reason))
    {
      if (g_error_matches (reason, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  json = tgp_json_parse_object (text, length, error);
  if (json == NULL)
    return FALSE;
  root = tgp_json_root (json);
  if (!tgp_get_string (root, "journalId", 64, &journal_id, error))
    return FALSE;
  g_free (self->journal_id);
  self->journal_id = g_steal_pointer (&journal_id);
  payments = tgp_value_member (root, "payments");
  for (TgpValue item = tgp_value_first (payments); tgp_value_type (item) != TGP_JSON_ABSENT;
       item = tgp_value_next (item))
    if (!read_entry (self, item, error))
      return FALSE;
  return TRUE;
}

SimBook *
sim_book_open (const char *path, GError **error)
{
  SimBook *self = g_new0 (SimBook, 1);

  self->path = g_strdup (path);
  self->journal_id = g_uuid_string_random ();
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  if (path != NULL && !read_file (self, error))
    g_clear_pointer (&self, sim_book_free);
  return self;
}

void
sim_book_free (SimBook *self)
{
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->entries);
  g_free (self->journal_id);
  g_free (self->path);
  g_free (self);
}

const char *
sim_book_get_journal_id (SimBook *self)
{
  return self->journal_id;
}

SimEntry *
sim_book_find (SimBook *self, const char *transaction_id)
{
  return transaction_id != NULL ? g_hash_table_lookup (self->by_id, transaction_id) : NULL;
}

void
sim_book_remove (SimBook *self, SimEntry *entry)
{
  g_hash_table_remove (self->by_id, entry->transaction_id);
  g_ptr_array_remove (self->entries, entry);
}

SimEntry *
sim_book_add (SimBook *self, const char *transaction_id, SimEntryState state)
{
  SimEntry *entry = g_new0 (SimEntry, 1);

  entry->transaction_id = g_strdup (transaction_id);
  entry->state = state;
  g_ptr_array_add (self->entries, entry);
  g_hash_table_replace (self->by_id, entry->transaction_id, entry);
  /* The oldest one that nobody waits for goes. */
  for (guint i = 0; self->entries->len > MAX_ENTRIES && i + 1 < self->entries->len; i++)
    {
      SimEntry *old = self->entries->pdata[i];

      if (old->state == SIM_ENTRY_DENIED || (old->state == SIM_ENTRY_DONE && old->acked))
        {
          sim_book_remove (self, old);
          break;
        }
    }
  return entry;
}

void
sim_book_wipe (SimBook *self)
{
  g_hash_table_remove_all (self->by_id);
  g_ptr_array_set_size (self->entries, 0);
  g_free (self->journal_id);
  self->journal_id = g_uuid_string_random ();
  sim_book_save (self);
}

static void
write_entry (TgpJsonWriter *writer, const SimEntry *entry)
{
  static const char *const states[] = { "active", "done", "denied" };
  g_autofree char *response = entry->response != NULL ? tgp_payment_response_to_json (entry->response) : NULL;

  tgp_json_open_object (writer, NULL);
  tgp_json_string (writer, "transactionId", entry->transaction_id);
  tgp_json_string (writer, "state", states[entry->state]);
  tgp_json_boolean (writer, "acked", entry->acked);
  tgp_json_boolean (writer, "voided", entry->voided);
  tgp_json_boolean (writer, "refusesVoid", entry->refuses_void);
  if (response != NULL)
    tgp_json_raw (writer, "response", response);
  tgp_json_close_object (writer);
}

void
sim_book_save (SimBook *self)
{
  TgpJsonWriter writer;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (self->path == NULL)
    return;
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "journalId", self->journal_id);
  tgp_json_open_array (&writer, "payments");
  for (guint i = 0; i < self->entries->len; i++)
    write_entry (&writer, self->entries->pdata[i]);
  tgp_json_close_array (&writer);
  tgp_json_close_object (&writer);
  text = tgp_json_writer_end (&writer);
  /* A terminal that cannot write must not go on charging. */
  if (!g_file_set_contents_full (self->path, text, -1,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &error))
    {
      g_printerr ("tgw-terminal-sim: the journal cannot be written: %s\n", error->message);
      exit (EXIT_FAILURE);
    }
}

GPtrArray *
sim_book_list (SimBook *self)
{
  GPtrArray *list = g_ptr_array_new ();

  for (guint i = 0; i < self->entries->len; i++)
    g_ptr_array_add (list, self->entries->pdata[i]);
  return list;
}
