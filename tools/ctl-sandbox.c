/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two processes, so that nothing is left whatever happens. A keeper, in a session of its own, starts
 * everything and takes it down when its pipe to this process ends. This process only holds the pipe: it lets
 * go of it when it is told to stop, and the kernel does when it is killed. */
#include "tools/ctl.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/sandbox.h"

#define MAX_TERMINALS 50

typedef struct
{
  GMainLoop *loop;
  int lifeline; /* -1: let go */
  int exit_code;
} Front;

static void
let_go (Front *front)
{
  if (front->lifeline >= 0)
    close (front->lifeline);
  front->lifeline = -1;
}

static gboolean
on_signal (gpointer data)
{
  let_go (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_input (gint fd, GIOCondition condition, gpointer data)
{
  char buffer[256];
  gssize length = read (fd, buffer, sizeof buffer);

  if (length > 0 || (length < 0 && (errno == EINTR || errno == EAGAIN)))
    return G_SOURCE_CONTINUE;
  let_go (data);
  return G_SOURCE_REMOVE;
}

static void
on_keeper_over (GPid pid, gint status, gpointer data)
{
  Front *front = data;

  front->exit_code = WIFEXITED (status) ? WEXITSTATUS (status) : EXIT_CODE_UNREACHABLE;
  if (WIFSIGNALED (status))
    g_printerr ("tgwctl sandbox: its keeper was killed by signal %d; a temporary folder may be left in %s\n",
                WTERMSIG (status), g_get_tmp_dir ());
  g_main_loop_quit (front->loop);
}

static int
wait_for_keeper (GPid keeper, int lifeline, gboolean until_eof)
{
  Front front = { g_main_loop_new (NULL, FALSE), lifeline, EXIT_CODE_OK };

  g_unix_signal_add (SIGINT, on_signal, &front);
  g_unix_signal_add (SIGTERM, on_signal, &front);
  g_unix_signal_add (SIGHUP, on_signal, &front);
  if (until_eof)
    g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, &front);
  g_child_watch_add (keeper, on_keeper_over, &front);
  g_main_loop_run (front.loop);
  let_go (&front);
  g_main_loop_unref (front.loop);
  return front.exit_code;
}

int
ctl_sandbox (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *listen = NULL;
  g_auto (GStrv) sets = NULL;
  gboolean until_eof = FALSE;
  int terminals = 2;
  const GOptionEntry own[] = {
    { "listen", 0, 0, G_OPTION_ARG_STRING, &listen,
      "Where the gateway serves (127.0.0.1:0, any free port, so that it is in nobody's way)", "HOST:PORT" },
    { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &options.state_dir,
      "Keep everything there, and use it again (a temporary folder that is removed)", "DIR" },
    { "terminals", 0, 0, G_OPTION_ARG_INT, &terminals, "How many, from TERM-001 on (2)", "N" },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &sets, "A setting of the gateway, repeatable",
      "GROUP.KEY=VALUE" },
    { "until-eof", 0, 0, G_OPTION_ARG_NONE, &until_eof,
      "Stop when standard input ends, for programs that start it", NULL },
    { NULL },
  };
  SandboxOptions sandbox = { 0 };
  g_autoptr (GError) error = NULL;
  int lifeline[2], exit_code;
  GPid keeper;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  if (terminals < 1 || terminals > MAX_TERMINALS)
    return ctl_usage (verb, "--terminals is %d, and has to be from 1 to %d", terminals, MAX_TERMINALS);
  sandbox = (SandboxOptions){ options.json, listen != NULL ? listen : "127.0.0.1:0", options.state_dir,
                              (guint) terminals, (const char *const *) sets };

  if (!g_unix_open_pipe (lifeline, FD_CLOEXEC, &error))
    return ctl_fail (error);
  keeper = fork (); /* before there is any thread */
  if (keeper < 0)
    {
      g_printerr ("tgwctl sandbox: no process can be started: %s\n", g_strerror (errno));
      return EXIT_CODE_UNREACHABLE;
    }
  if (keeper == 0)
    {
      close (lifeline[1]);
      setsid ();                 /* Ctrl-C is for the other process, which tells this one */
      signal (SIGPIPE, SIG_IGN); /* a reader that has gone must not keep us from cleaning up */
      return sandbox_run (&sandbox, lifeline[0]);
    }
  close (lifeline[0]);
  return wait_for_keeper (keeper, lifeline[1], until_eof);
}
