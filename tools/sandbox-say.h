/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sandbox tells once it is ready. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *url;
  const char *key_file;
  const char *folder;
  gboolean temporary;
  GPtrArray *terminals; /* char *: their names */
} SandboxFacts;

void sandbox_say_ready (const SandboxFacts *facts);
/* The same as one line for programs. */
void sandbox_say_ready_json (const SandboxFacts *facts);

G_END_DECLS
