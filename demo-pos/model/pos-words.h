/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what is known to what a cashier reads: pure, and never more than the verdict says. */
#pragma once

#include "demo-pos/model/pos-facts.h"

G_BEGIN_DECLS

typedef enum
{
  POS_KIND_WAITING,
  POS_KIND_CANCELLING,
  POS_KIND_APPROVED,
  POS_KIND_PAID_CHECK, /* paid, but somebody must look: another amount, or a contradiction */
  POS_KIND_DECLINED,
  POS_KIND_CANCELLED,
  POS_KIND_REFUSED, /* never started */
  POS_KIND_UNKNOWN,
  POS_KIND_REVERSING,
  POS_KIND_REVERSED,
  POS_KIND_VOID_FAILED,
  POS_KIND_BY_HAND, /* a manager closed it */
  POS_N_KINDS
} PosKind;

PosKind pos_kind_of (const PosFacts *facts);
gboolean pos_kind_is_open (PosKind kind);
/* Somebody has to do something before the day is closed. */
gboolean pos_kind_needs_attention (PosKind kind);
/* One or two words, for lists. */
const char *pos_kind_word (PosKind kind);
const char *pos_kind_icon (PosKind kind);
/* A style class: success, error, warning or accent. */
const char *pos_kind_style (PosKind kind);

/* The headline of the page. */
const char *pos_words_title (const PosFacts *facts);
/* What happened. */
char *pos_words_body (const PosFacts *facts);
/* What to do now. */
char *pos_words_advice (const PosFacts *facts);
/* Whether charging again is safe, from the verdict alone. */
const char *pos_words_retry (const PosFacts *facts);
/* The button that goes back to the sale. */
const char *pos_words_try_again (const PosFacts *facts);
/* How far the terminal is. */
const char *pos_words_stage (const PosFacts *facts);

G_END_DECLS
