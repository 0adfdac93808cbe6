/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/tools/run.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>

#include "tests/sdk/helpers.h"

static char *key, *secret;

void
run_set_key (const char *api_key, const char *api_secret)
{
  g_free (key);
  g_free (secret);
  key = g_strdup (api_key);
  secret = g_strdup (api_secret);
}

/* Each process is a till on a computer of its own, which remembers nothing of the ones before. */
static char *
state_folder_new (void)
{
  g_autofree char *path = journal_path_new ();

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  return g_steal_pointer (&path);
}

/* A test that fails leaves nothing running. */
static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GSubprocess *
spawn (const char *variable, const char *command, GSubprocessFlags flags)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = NULL;
  g_autofree char *line = g_strconcat (variable, " ", command, NULL), *state = state_folder_new ();
  GSubprocess *process;

  g_assert_nonnull (g_getenv (variable));
  g_assert_true (g_shell_parse_argv (line, NULL, &words, &error));
  g_free (words[0]);
  words[0] = g_strdup (g_getenv (variable));
  g_subprocess_launcher_unsetenv (launcher, "STATE_DIRECTORY");
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  g_subprocess_launcher_setenv (launcher, "TZ", "UTC", TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", state, TRUE);
  if (key != NULL)
    {
      g_subprocess_launcher_setenv (launcher, "TGW_API_KEY", key, TRUE);
      g_subprocess_launcher_setenv (launcher, "TGW_API_SECRET", secret, TRUE);
    }
  else
    {
      g_subprocess_launcher_unsetenv (launcher, "TGW_API_KEY");
      g_subprocess_launcher_unsetenv (launcher, "TGW_API_SECRET");
    }
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) words, &error);
  g_assert_no_error (error);
  return process;
}

static void
on_over (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8_finish (run->process, result, &run->out, &run->err, &error);
  g_assert_no_error (error);
  run->over = TRUE;
}

static void
on_exited (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;

  g_subprocess_wait_finish (run->process, result, NULL);
  run->over = TRUE;
}

Run *
run_start (const char *variable, const char *format, ...)
{
  Run *run = g_new0 (Run, 1);
  g_autofree char *command = NULL;
  va_list arguments;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  run->process = spawn (variable, command, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_communicate_utf8_async (run->process, NULL, NULL, on_over, run);
  return run;
}

Run *
run_start_lines (const char *variable, const char *format, ...)
{
  Run *run = g_new0 (Run, 1);
  g_autofree char *command = NULL;
  va_list arguments;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  run->process = spawn (variable, command, G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  run->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (run->process));
  g_subprocess_wait_async (run->process, NULL, on_exited, run);
  return run;
}

typedef struct
{
  char *text;
  gboolean done;
} Line;

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  Line *line = data;

  line->text = g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source), result, NULL, NULL);
  line->done = TRUE;
}

char *
run_next_line (Run *run)
{
  Line line = { NULL, FALSE };

  g_data_input_stream_read_line_async (run->lines, G_PRIORITY_DEFAULT, NULL, on_line, &line);
  wait_until (line.done);
  return line.text;
}

void
run_wait (Run *run)
{
  wait_until (run->over);
  run->exit_code =
    g_subprocess_get_if_exited (run->process) ? g_subprocess_get_exit_status (run->process) : -1;
}

void
run_free (Run *run)
{
  if (!run->over)
    g_subprocess_force_exit (run->process);
  wait_until (run->over);
  g_clear_object (&run->lines);
  g_object_unref (run->process);
  g_free (run->out);
  g_free (run->err);
  g_free (run);
}
