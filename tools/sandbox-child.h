/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program that the sandbox runs: its lines, its end, and a log of what it complains about. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SandboxChild SandboxChild;

typedef struct
{
  void (*line) (SandboxChild *child, const char *line, gpointer user_data);
  /* Once, when it has ended and all its lines were told. exit_code: -1 if a signal ended it. */
  void (*over) (SandboxChild *child, int exit_code, gpointer user_data);
} SandboxChildEvents;

/* words: program and arguments. Standard error goes to the file log. */
SandboxChild *sandbox_child_start (const char *const *words, const char *log,
                                   const SandboxChildEvents *events, gpointer user_data, GError **error);
/* Only after over(). */
void sandbox_child_free (SandboxChild *child);
void sandbox_child_signal (SandboxChild *child, int number);
/* What it wrote to its log last, a few lines; "" if nothing. */
char *sandbox_child_last_words (SandboxChild *child);

/* Beside this program, where a build tree has it, or in PATH. An error says where it was looked for. */
char *sandbox_find_program (const char *name, const char *build_folder, GError **error);
/* How a user of this shell starts tgwctl. */
char *sandbox_own_name (void);

G_END_DECLS
