/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Up: the gateway says where it listens; keys are made; the terminals say that they are connected; ready.
 * Down: the terminals, then the gateway, then the folder. */
#include "tools/sandbox.h"

#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tools/ctl-print.h"
#include "tools/exit-codes.h"
#include "tools/sandbox-child.h"
#include "tools/sandbox-folder.h"
#include "tools/sandbox-say.h"

#define START_SECONDS   60
#define STOP_SECONDS    10
#define RESTART_SECONDS 1

typedef struct _Sandbox Sandbox;

typedef struct
{
  Sandbox *sandbox;
  char *name;
  SandboxChild *child; /* NULL: not running */
  guint restart;
  gboolean online;
} Terminal;

struct _Sandbox
{
  const SandboxOptions *options;
  GMainLoop *loop;
  char *folder;
  char *gateway_program;
  char *sim_program;
  char *till_key;
  char *terminal_key;
  char *url;
  SandboxChild *gateway;
  GPtrArray *terminals;
  guint deadline; /* of the start, then of the stop */
  gboolean ready;
  gboolean stopping;
  int exit_code;
};

static void
terminal_free (gpointer data)
{
  Terminal *terminal = data;

  g_free (terminal->name);
  g_free (terminal);
}

static void progress (Sandbox *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
progress (Sandbox *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (self->options->json)
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  ctl_print ("%s", text);
}

static gboolean
on_stop_deadline (gpointer data)
{
  Sandbox *self = data;

  self->deadline = 0;
  for (guint i = 0; i < self->terminals->len; i++)
    {
      Terminal *terminal = self->terminals->pdata[i];

      if (terminal->child != NULL)
        sandbox_child_signal (terminal->child, SIGKILL);
    }
  if (self->gateway != NULL)
    sandbox_child_signal (self->gateway, SIGKILL);
  return G_SOURCE_REMOVE;
}

/* After each end of a child: what is next on the way down? */
static void
go_down (Sandbox *self)
{
  for (guint i = 0; i < self->terminals->len; i++)
    if (((Terminal *) self->terminals->pdata[i])->child != NULL)
      return;
  if (self->gateway != NULL)
    sandbox_child_signal (self->gateway, SIGTERM);
  else
    g_main_loop_quit (self->loop);
}

static void
stop (Sandbox *self, int exit_code)
{
  if (self->stopping)
    return;
  self->stopping = TRUE;
  self->exit_code = exit_code;
  g_clear_handle_id (&self->deadline, g_source_remove);
  self->deadline = g_timeout_add_seconds (STOP_SECONDS, on_stop_deadline, self);
  progress (self, "Stopping.");
  for (guint i = 0; i < self->terminals->len; i++)
    {
      Terminal *terminal = self->terminals->pdata[i];

      g_clear_handle_id (&terminal->restart, g_source_remove);
      if (terminal->child != NULL)
        sandbox_child_signal (terminal->child, SIGTERM);
    }
  go_down (self);
}

static void fail (Sandbox *self, int exit_code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
fail (Sandbox *self, int exit_code, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("tgwctl sandbox: %s\n", text);
  stop (self, exit_code);
}

static void
become_ready (Sandbox *self)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  SandboxFacts facts = { self->url, self->till_key, self->folder, self->options->state_dir == NULL, names };

  for (guint i = 0; i < self->terminals->len; i++)
    {
      Terminal *terminal = self->terminals->pdata[i];

      if (!terminal->online)
        return;
      g_ptr_array_add (names, terminal->name);
    }
  self->ready = TRUE;
  g_clear_handle_id (&self->deadline, g_source_remove);
  if (self->options->json)
    sandbox_say_ready_json (&facts);
  else
    sandbox_say_ready (&facts);
}

static void
on_terminal_line (SandboxChild *child, const char *line, gpointer data)
{
  Terminal *terminal = data;
  Sandbox *self = terminal->sandbox;
  g_autofree char *clean = ctl_clean (line);

  if (!g_str_has_prefix (line, "connected as "))
    {
      progress (self, "  %s", clean);
      return;
    }
  progress (self, "  %s is online", terminal->name);
  terminal->online = TRUE;
  if (!self->ready && !self->stopping)
    become_ready (self);
}

static void start_terminal (Terminal *terminal);

static gboolean
on_restart (gpointer data)
{
  Terminal *terminal = data;

  terminal->restart = 0;
  start_terminal (terminal);
  return G_SOURCE_REMOVE;
}

static void
on_terminal_over (SandboxChild *child, int exit_code, gpointer data)
{
  Terminal *terminal = data;
  Sandbox *self = terminal->sandbox;
  g_autofree char *words = sandbox_child_last_words (child);

  g_clear_pointer (&terminal->child, sandbox_child_free);
  terminal->online = FALSE;
  if (self->stopping)
    go_down (self);
  else if (!self->ready)
    fail (self, EXIT_CODE_UNREACHABLE, "%s did not start. It said: %s", terminal->name, words);
  else
    {
      g_printerr ("tgwctl sandbox: %s ended unexpectedly and is started again. It said: %s\n", terminal->name,
                  *words != '\0' ? words : "nothing");
      terminal->restart = g_timeout_add_seconds (RESTART_SECONDS, on_restart, terminal);
    }
}

/* For the amounts that come back after the grace. */
static const char *
grace_of (Sandbox *self)
{
  static const char name[] = "gateway.grace-period=";
  const char *grace = "60";

  for (gsize i = 0; self->options->sets != NULL && self->options->sets[i] != NULL; i++)
    if (g_str_has_prefix (self->options->sets[i], name))
      grace = self->options->sets[i] + strlen (name);
  return grace;
}

static void
start_terminal (Terminal *terminal)
{
  static const SandboxChildEvents events = { on_terminal_line, on_terminal_over };
  Sandbox *self = terminal->sandbox;
  g_autofree char *socket = sandbox_folder_sim_file (self->folder, terminal->name, "sock"),
                  *journal = sandbox_folder_sim_file (self->folder, terminal->name, "journal"),
                  *log = sandbox_folder_sim_file (self->folder, terminal->name, "log");
  const char *words[] = { self->sim_program,
                          "--gateway",
                          self->url,
                          "--api-key-file",
                          self->terminal_key,
                          "--device-id",
                          terminal->name,
                          "--control",
                          socket,
                          "--journal",
                          journal,
                          "--grace",
                          grace_of (self),
                          NULL };
  g_autoptr (GError) error = NULL;

  terminal->child = sandbox_child_start (words, log, &events, terminal, &error);
  if (terminal->child == NULL)
    fail (self, EXIT_CODE_UNREACHABLE, "%s cannot be started: %s", self->sim_program, error->message);
}

static void
on_gateway_line (SandboxChild *child, const char *line, gpointer data)
{
  static const char ready[] = "listening on ";
  Sandbox *self = data;
  g_autoptr (GError) error = NULL;

  if (!g_str_has_prefix (line, ready) || self->url != NULL || self->stopping)
    return;
  self->url = g_strdup (line + strlen (ready));
  progress (self, "  the gateway listens on %s", self->url);
  if (!sandbox_folder_make_key (self->folder, "pos", self->till_key, &error) ||
      !sandbox_folder_make_key (self->folder, "terminal", self->terminal_key, &error))
    {
      fail (self, EXIT_CODE_UNREACHABLE, "no key can be made: %s", error->message);
      return;
    }
  progress (self, "  a key for the till is in %s", self->till_key);
  for (guint i = 0; i < self->terminals->len && !self->stopping; i++)
    start_terminal (self->terminals->pdata[i]);
}

static void
on_gateway_over (SandboxChild *child, int exit_code, gpointer data)
{
  Sandbox *self = data;
  g_autofree char *words = sandbox_child_last_words (child);

  g_clear_pointer (&self->gateway, sandbox_child_free);
  if (self->stopping)
    go_down (self);
  else if (self->url != NULL)
    fail (self, EXIT_CODE_UNREACHABLE, "the gateway ended unexpectedly. It said: %s", words);
  else
    fail (self, exit_code == EXIT_CODE_USAGE ? EXIT_CODE_USAGE : EXIT_CODE_UNREACHABLE,
          "the gateway did not start on %s. It said: %s\n"
          "If the port is taken, --listen 127.0.0.1:0 takes any free one.",
          self->options->listen, words);
}

static gboolean
start_gateway (Sandbox *self, GError **error)
{
  static const SandboxChildEvents events = { on_gateway_line, on_gateway_over };
  g_autofree char *log = sandbox_folder_file (self->folder, "gateway.log");
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  g_ptr_array_add (words, self->gateway_program);
  g_ptr_array_add (words, (char *) "--listen");
  g_ptr_array_add (words, (char *) self->options->listen);
  g_ptr_array_add (words, (char *) "--state-dir");
  g_ptr_array_add (words, self->folder);
  /* Who stops the sandbox does not want to wait for its payments. */
  g_ptr_array_add (words, (char *) "--set");
  g_ptr_array_add (words, (char *) "gateway.drain-timeout=0");
  for (gsize i = 0; self->options->sets != NULL && self->options->sets[i] != NULL; i++)
    {
      g_ptr_array_add (words, (char *) "--set");
      g_ptr_array_add (words, (char *) self->options->sets[i]);
    }
  g_ptr_array_add (words, NULL);
  self->gateway = sandbox_child_start ((const char *const *) words->pdata, log, &events, self, error);
  return self->gateway != NULL;
}

static gboolean
on_start_deadline (gpointer data)
{
  Sandbox *self = data;

  self->deadline = 0;
  fail (self, EXIT_CODE_UNREACHABLE, "not everything came up within %d s; is this computer very busy?",
        START_SECONDS);
  return G_SOURCE_REMOVE;
}

static gboolean
on_lifeline (gint fd, GIOCondition condition, gpointer data)
{
  stop (data, EXIT_CODE_OK);
  return G_SOURCE_REMOVE;
}

static gboolean
on_signal (gpointer data)
{
  stop (data, EXIT_CODE_OK);
  return G_SOURCE_CONTINUE;
}

static gboolean
start (Sandbox *self, GError **error)
{
  self->gateway_program = sandbox_find_program ("tgw-gateway", "gateway", error);
  if (self->gateway_program == NULL)
    return FALSE;
  self->sim_program = sandbox_find_program ("tgw-terminal-sim", "tools", error);
  if (self->sim_program == NULL)
    return FALSE;
  self->folder = sandbox_folder_open (self->options->state_dir, error);
  if (self->folder == NULL)
    return FALSE;
  self->till_key = sandbox_folder_file (self->folder, "till.json");
  self->terminal_key = sandbox_folder_file (self->folder, "terminal.json");
  progress (self, "Starting a gateway and %u simulated terminals.", self->options->terminals);
  return start_gateway (self, error);
}

static void
clear (Sandbox *self)
{
  if (self->folder != NULL && self->options->state_dir == NULL)
    sandbox_folder_remove (self->folder);
  g_clear_handle_id (&self->deadline, g_source_remove);
  g_ptr_array_unref (self->terminals);
  g_main_loop_unref (self->loop);
  g_free (self->folder);
  g_free (self->gateway_program);
  g_free (self->sim_program);
  g_free (self->till_key);
  g_free (self->terminal_key);
  g_free (self->url);
}

int
sandbox_run (const SandboxOptions *options, int lifeline)
{
  Sandbox self = { .options = options, .exit_code = EXIT_CODE_OK };
  g_autoptr (GError) error = NULL;

  self.loop = g_main_loop_new (NULL, FALSE);
  self.terminals = g_ptr_array_new_with_free_func (terminal_free);
  for (guint i = 0; i < options->terminals; i++)
    {
      Terminal *terminal = g_new0 (Terminal, 1);

      terminal->sandbox = &self;
      terminal->name = g_strdup_printf ("TERM-%03u", i + 1);
      g_ptr_array_add (self.terminals, terminal);
    }
  if (start (&self, &error))
    {
      g_unix_fd_add (lifeline, G_IO_IN | G_IO_HUP, on_lifeline, &self);
      g_unix_signal_add (SIGTERM, on_signal, &self);
      g_unix_signal_add (SIGINT, on_signal, &self);
      self.deadline = g_timeout_add_seconds (START_SECONDS, on_start_deadline, &self);
      g_main_loop_run (self.loop);
      if (self.exit_code == EXIT_CODE_OK)
        progress (&self, options->state_dir == NULL ? "All of it is stopped, its folder is gone."
                                                    : "All of it is stopped.");
    }
  else
    {
      g_printerr ("tgwctl sandbox: %s\n", error->message);
      self.exit_code = EXIT_CODE_UNREACHABLE;
    }
  clear (&self);
  return self.exit_code;
}
