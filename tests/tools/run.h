/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a program while this process plays the gateway. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  GSubprocess *process;
  GDataInputStream *lines; /* its standard output, when it is read line by line */
  gboolean over;
  int exit_code;
  char *out;
  char *err;
} Run;

/* words: the command line, split at spaces ('…' keeps them together); %-arguments are filled in first. The
 * program is the one that the environment names under variable. */
Run *run_start (const char *variable, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Waits for its end; run->exit_code, out and err are valid then. */
void run_wait (Run *run);
void run_free (Run *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_free)

/* Reads the output line by line in place of all at once. */
Run *run_start_lines (const char *variable, const char *format, ...) G_GNUC_PRINTF (2, 3);
char *run_next_line (Run *run);

void run_set_key (const char *api_key, const char *api_secret); /* for the environment; NULL: none */

#define assert_contains(text, part)                                                                          \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    if (strstr (text, part) == NULL)                                                                         \
      g_error ("%s:%d: “%s” is not in “%s”", __FILE__, __LINE__, part, text);                                \
  }                                                                                                          \
  G_STMT_END

G_END_DECLS
