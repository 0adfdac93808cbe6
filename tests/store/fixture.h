/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One suite for every adapter: a test added here runs once on each. */
#pragma once

#include "gateway/core/operation.h"
#include "gateway/store/memory-tables.h"
#include "gateway/store/sqlite-tables.h"

typedef struct
{
  GwTables *tables;
  GwTables *reader; /* sees what is committed; for memory the same handle */
  char *dir;        /* SQLite: of its own, removed afterwards */
  char *path;
} Fixture;

typedef void (*FixtureTest) (Fixture *fixture, gconstpointer data);

/* Adds /store/memory/NAME and /store/sqlite/NAME. */
void add_test (const char *name, FixtureTest test);
/* For tests of one adapter, or of both at once. */
Fixture *fixture_new (gboolean sqlite);
void fixture_free (Fixture *fixture);
/* SQLite: closes and opens again. Memory: nothing. */
void fixture_reopen (Fixture *fixture);

char *make_directory (void);
void remove_directory (char *dir);

void begin (GwTables *tables);
void commit (GwTables *tables);
/* The commit must fail, with nothing stored. */
void commit_fails (GwTables *tables);

/* Rows with all members filled. Later members are set by the test. */
GwTransaction *make_transaction (const char *group_id, const char *transaction_id, const char *slot,
                                 guint flags);
/* A copy with another state and other flags: what an operation would put. */
GwTransaction *change_transaction (const GwTransaction *row, TgpStatus status, guint flags);
GwTimelineEntry *make_timeline (const GwTransaction *transaction, guint n);
GwKey *make_key (const char *key_id, TgpRole role);
GwDevice *make_device (const char *group_id, const char *slot, const char *key_id);
GwSession *make_session (const char *key_id);
GwMessage *make_message (GwTables *tables, const char *key_id, const char *transaction_id, gint64 created_at);
GwAuditEntry *make_audit (const char *what);

/* Puts one and lets go of it; returns its row id. */
gint64 put_transaction (GwTables *tables, const char *group_id, const char *transaction_id, const char *slot,
                        guint flags);
gint64 put_message (GwTables *tables, const char *key_id, const char *transaction_id, gint64 created_at);

/* Asks, and checks that it was answered. */
void ask (GwTables *tables, GwRead *read);
/* Ids (or seqs, key ids, …) of what a read found, "a b c"; rows of one kind. */
char *name_rows (const GwRead *read);
#define assert_rows(read, expected)                                                                          \
  do                                                                                                         \
    {                                                                                                        \
      g_autofree char *_names = name_rows (read);                                                            \
      g_assert_cmpstr (_names, ==, expected);                                                                \
    }                                                                                                        \
  while (0)

/* dump.c: every row that can be read, every member of it, as text. */
char *dump_tables (GwTables *tables);
char *dump_transaction (const GwTransaction *row);
char *dump_result (const GwOperation *operation);
