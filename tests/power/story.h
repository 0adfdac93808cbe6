/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations that run on a store whose disk is recorded, and after each commit what is promised from then on.
 */
#pragma once

#include "gateway/core/operation.h"
#include "tests/power/disk.h"

G_BEGIN_DECLS

/* One commit that was told to be done. */
typedef struct
{
  guint events; /* of the disk, when it was told */
  char *state;  /* every row that can be read */
} Mark;

typedef enum
{
  PROMISE_ROW,       /* of this timeline length */
  PROMISE_MESSAGE,   /* is stored, with this body */
  PROMISE_ACK,       /* does not wait any more */
  PROMISE_SIGNATURE, /* is refused from now on */
  PROMISE_DISPLACED, /* session */
  PROMISE_KEY,       /* valid, or revoked */
  N_PROMISES
} PromiseKind;

typedef struct
{
  PromiseKind kind;
  guint mark;    /* from then on */
  char *id;      /* transaction, session, key */
  char *text;    /* the message's body; the displaced session's key */
  gint64 number; /* timeline length, seq, fingerprint, revoked_at */
} Promise;

typedef struct
{
  char *dir, *path;
  GwTables *tables;
  Disk *disk;
  int synchronous; /* -1: as the store has it; else what the test of the test wants */
  int checkpoint;  /* every so many pages; 0: as the store has it */
  gint64 now;
  GHashTable *epochs; /* slot or key -> gint64 * */
  GArray *marks;      /* Mark */
  GPtrArray *promises;
  GRand *rand;
  guint serial;
} Story;

/* prepared: keys and terminals are there before the recording begins. */
Story *story_new (gboolean prepared, int synchronous, int checkpoint, guint32 seed);
void story_free (Story *story);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Story, story_free)

/* A new operation of group "g" about this payment on this terminal, with the members that all kinds share. */
GwOperation *story_make (Story *story, GwOperationKind kind, const char *transaction_id, const char *slot);
/* The epoch that the store gave to this terminal or key last. */
gint64 story_epoch (Story *story, const char *name);

/* One commit. Takes the operations; NULL ends. All must be applied. */
void story_run (Story *story, ...) G_GNUC_NULL_TERMINATED;
/* Some may be refused. */
void story_run_batch (Story *story, GPtrArray *operations);
/* Closes in order, and opens again. */
void story_reopen (Story *story);
/* Nothing is recorded any more. */
void story_end (Story *story);

G_END_DECLS
