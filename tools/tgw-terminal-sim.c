/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>

#include "tools/exit-codes.h"
#include "tools/sim-book.h"
#include "tools/sim-control.h"
#include "tools/sim-options.h"
#include "tools/sim-terminal.h"

typedef struct
{
  GMainLoop *loop;
  int exit_code;
} Program;

static void
on_done (int exit_code, gpointer data)
{
  Program *program = data;

  program->exit_code = exit_code;
  g_main_loop_quit (program->loop);
}

static gboolean
on_signal (gpointer data)
{
  on_done (EXIT_CODE_OK, data);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  Program program = { NULL, EXIT_CODE_OK };
  SimOptions options = { 0 };
  g_autoptr (GError) error = NULL;
  SimBook *book = NULL;
  SimTerminal *terminal;
  SimControl *control = NULL;

  setlocale (LC_ALL, "");
  if (!sim_options_parse (&options, &argc, &argv, &program.exit_code))
    goto out;
  book = sim_book_open (options.journal, &error);
  if (book == NULL)
    {
      g_printerr ("tgw-terminal-sim: the journal cannot be used: %s\n", error->message);
      program.exit_code = EXIT_CODE_USAGE;
      goto out;
    }

  program.loop = g_main_loop_new (NULL, FALSE);
  g_unix_signal_add (SIGTERM, on_signal, &program);
  g_unix_signal_add (SIGINT, on_signal, &program);
  terminal = sim_terminal_new (&options, book, on_done, &program);
  if (options.control != NULL)
    control = sim_control_open (options.control, terminal, &error);
  if (error != NULL)
    {
      g_printerr ("tgw-terminal-sim: --control: %s\n", error->message);
      program.exit_code = EXIT_CODE_USAGE;
    }
  else
    g_main_loop_run (program.loop);
  g_clear_pointer (&control, sim_control_close);
  sim_terminal_free (terminal);
  sim_book_free (book);
  g_main_loop_unref (program.loop);

out:
  sim_options_clear (&options);
  return program.exit_code;
}
