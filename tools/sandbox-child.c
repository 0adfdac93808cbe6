/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sandbox-child.h"

#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#define LAST_LINES 5

struct _SandboxChild
{
  GSubprocess *process;
  GDataInputStream *lines;
  char *log;
  const SandboxChildEvents *events;
  gpointer user_data;
  guint pending; /* the lines' end and the process's */
};

/* A second line of defence: whoever starts the children stops them, unless it is killed itself. */
static void
die_with_parent (gpointer data)
{
#ifdef __linux__
  prctl (PR_SET_PDEATHSIG, SIGKILL);
#endif
}

static void
check_over (SandboxChild *self)
{
  if (--self->pending == 0)
    self->events->over (
      self, g_subprocess_get_if_exited (self->process) ? g_subprocess_get_exit_status (self->process) : -1,
      self->user_data);
}

static void
on_exited (GObject *source, GAsyncResult *result, gpointer data)
{
  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  check_over (data);
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  SandboxChild *self = data;
  g_autofree char *line =
    g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);

  if (line == NULL)
    {
      check_over (self);
      return;
    }
  self->events->line (self, line, self->user_data);
  g_data_input_stream_read_line_async (self->lines, G_PRIORITY_DEFAULT, NULL, on_line, self);
}

SandboxChild *
sandbox_child_start (const char *const *words, const char *log, const SandboxChildEvents *events,
                     gpointer user_data, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  SandboxChild *self;

  g_subprocess_launcher_set_stderr_file_path (launcher, log);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, words, error);
  if (process == NULL)
    return NULL;
  self = g_new0 (SandboxChild, 1);
  self->process = g_steal_pointer (&process);
  self->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  self->log = g_strdup (log);
  self->events = events;
  self->user_data = user_data;
  self->pending = 2;
  g_subprocess_wait_async (self->process, NULL, on_exited, self);
  g_data_input_stream_read_line_async (self->lines, G_PRIORITY_DEFAULT, NULL, on_line, self);
  return self;
}

void
sandbox_child_free (SandboxChild *self)
{
  g_object_unref (self->lines);
  g_object_unref (self->process);
  g_free (self->log);
  g_free (self);
}

void
sandbox_child_signal (SandboxChild *self, int number)
{
  g_subprocess_send_signal (self->process, number);
}

char *
sandbox_child_last_words (SandboxChild *self)
{
  g_autofree char *text = NULL, *valid = NULL;
  char *from;
  guint lines = 0;

  if (!g_file_get_contents (self->log, &text, NULL, NULL))
    return g_strdup ("");
  valid = g_utf8_make_valid (g_strchomp (text), -1);
  for (from = valid + strlen (valid); from > valid; from--)
    if (from[-1] == '\n' && ++lines == LAST_LINES)
      break;
  return g_strdup (from);
}

/* NULL where the system does not tell. */
static char *
own_path (void)
{
  return g_file_read_link ("/proc/self/exe", NULL);
}

char *
sandbox_find_program (const char *name, const char *build_folder, GError **error)
{
  g_autofree char *own = own_path (), *folder = own != NULL ? g_path_get_dirname (own) : g_strdup (".");
  g_autofree char *beside = g_build_filename (folder, name, NULL),
                  *built = g_build_filename (folder, "..", build_folder, name, NULL), *found = NULL;

  if (g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&beside);
  if (g_file_test (built, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&built);
  found = g_find_program_in_path (name);
  if (found == NULL)
    g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      "%s was not found: neither beside tgwctl (%s), nor in a build tree around it, nor in PATH. Install it, "
      "or put its folder into PATH.",
      name, folder);
  return g_steal_pointer (&found);
}

char *
sandbox_own_name (void)
{
  g_autofree char *own = own_path (), *found = g_find_program_in_path ("tgwctl");
  g_autoptr (GFile) mine = own != NULL ? g_file_new_for_path (own) : NULL;
  g_autoptr (GFile) theirs = found != NULL ? g_file_new_for_path (found) : NULL;

  if (mine == NULL || (theirs != NULL && g_file_equal (mine, theirs)))
    return g_strdup ("tgwctl");
  return g_shell_quote (own);
}
