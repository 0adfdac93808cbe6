/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the simulated terminal remembers of its payments; in a file if it has one, written before anything is
 * said. */
#pragma once

#include "protocol/payment.h"

G_BEGIN_DECLS

typedef enum
{
  SIM_ENTRY_ACTIVE,
  SIM_ENTRY_DONE,   /* has a response */
  SIM_ENTRY_DENIED, /* the terminal said UNKNOWN: it never starts this one */
} SimEntryState;

typedef struct
{
  char *transaction_id;
  SimEntryState state;
  TgpPaymentResponse *response; /* DONE */
  gboolean acked;
  gboolean voided;
  gboolean refuses_void;
} SimEntry;

typedef struct _SimBook SimBook;

/* path NULL: in memory only. NULL with an error if the file is there and cannot be used. */
SimBook *sim_book_open (const char *path, GError **error);
void sim_book_free (SimBook *book);

/* Random; dies with the memory. */
const char *sim_book_get_journal_id (SimBook *book);

SimEntry *sim_book_find (SimBook *book, const char *transaction_id);
SimEntry *sim_book_add (SimBook *book, const char *transaction_id, SimEntryState state);
void sim_book_remove (SimBook *book, SimEntry *entry);
/* All memory is gone, and with it the journal's id. */
void sim_book_wipe (SimBook *book);
/* After every change of an entry, before it is told to anybody. */
void sim_book_save (SimBook *book);

/* Oldest first; borrowed SimEntry. */
GPtrArray *sim_book_list (SimBook *book);

G_END_DECLS
