/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-sandbox.h"

#include <glib/gi18n.h>

#include "demo-pos/model/pos-json.h"

struct _PosSandbox
{
  GObject parent_instance;
  char *folder;
  GSubprocess *process;
  GDataInputStream *output;
  char *gateway_url;
  char *key_file;
  char *state_folder;
};

G_DEFINE_FINAL_TYPE (PosSandbox, pos_sandbox, G_TYPE_OBJECT)

static void
pos_sandbox_dispose (GObject *object)
{
  pos_sandbox_stop (POS_SANDBOX (object));
  G_OBJECT_CLASS (pos_sandbox_parent_class)->dispose (object);
}

static void
pos_sandbox_finalize (GObject *object)
{
  PosSandbox *self = POS_SANDBOX (object);

  g_free (self->folder);
  g_free (self->gateway_url);
  g_free (self->key_file);
  g_free (self->state_folder);
  G_OBJECT_CLASS (pos_sandbox_parent_class)->finalize (object);
}

static void
pos_sandbox_class_init (PosSandboxClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = pos_sandbox_dispose;
  object_class->finalize = pos_sandbox_finalize;
}

static void
pos_sandbox_init (PosSandbox *self)
{
}

PosSandbox *
pos_sandbox_new (const char *folder)
{
  PosSandbox *self = g_object_new (POS_TYPE_SANDBOX, NULL);

  self->folder = g_strdup (folder);
  return self;
}

/* Installed, or in the build folder beside this program's. */
static char *
find_tgwctl (void)
{
  char *found = g_find_program_in_path ("tgwctl");
  g_autofree char *own = NULL, *folder = NULL;

  if (found != NULL)
    return found;
  own = g_file_read_link ("/proc/self/exe", NULL);
  if (own == NULL)
    return NULL;
  folder = g_path_get_dirname (own);
  found = g_build_filename (folder, "..", "tools", "tgwctl", NULL);
  if (g_file_test (found, G_FILE_TEST_IS_EXECUTABLE))
    return found;
  g_free (found);
  return NULL;
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  PosSandbox *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autofree char *line =
    g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source), result, NULL, &error);

  if (line != NULL)
    {
      self->gateway_url = pos_json_text (line, "gateway");
      self->key_file = pos_json_text (line, "apiKeyFile");
      self->state_folder = pos_json_text (line, "stateDir");
    }
  if (self->gateway_url == NULL || self->key_file == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s",
                             error != NULL ? error->message : _ ("The sandbox ended before it was ready."));
  else
    g_task_return_boolean (task, TRUE);
}

void
pos_sandbox_start_async (PosSandbox *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autofree char *program = find_tgwctl ();
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  GError *error = NULL;

  if (program == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s",
                               _ ("The program tgwctl, which makes the sandbox, is not installed."));
      return;
    }
  g_ptr_array_add (words, program);
  g_ptr_array_add (words, (char *) "sandbox");
  g_ptr_array_add (words, (char *) "--json");
  /* It ends with its input, and that with this process, even with SIGKILL. */
  g_ptr_array_add (words, (char *) "--until-eof");
  if (self->folder != NULL)
    {
      g_ptr_array_add (words, (char *) "--state-dir");
      g_ptr_array_add (words, self->folder);
    }
  g_ptr_array_add (words, NULL);
  self->process = g_subprocess_newv ((const char *const *) words->pdata,
                                     G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  if (self->process == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  g_data_input_stream_read_line_async (self->output, G_PRIORITY_DEFAULT, NULL, on_line,
                                       g_steal_pointer (&task));
}

gboolean
pos_sandbox_start_finish (PosSandbox *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
pos_sandbox_stop (PosSandbox *self)
{
  if (self->process != NULL)
    g_output_stream_close (g_subprocess_get_stdin_pipe (self->process), NULL, NULL);
  g_clear_object (&self->output);
  g_clear_object (&self->process);
}

const char *
pos_sandbox_get_gateway_url (PosSandbox *self)
{
  return self->gateway_url;
}

const char *
pos_sandbox_get_key_file (PosSandbox *self)
{
  return self->key_file;
}

const char *
pos_sandbox_get_state_folder (PosSandbox *self)
{
  return self->state_folder;
}
