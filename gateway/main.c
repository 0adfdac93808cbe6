/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/app.h"
#include "gateway/log.h"

#include <signal.h>
#include <stdio.h>

#define EXIT_USAGE 64

int
main (int argc, char **argv)
{
  g_autofree char *listen = NULL, *state_dir = NULL, *file = NULL;
  g_auto (GStrv) sets = NULL;
  gboolean check = FALSE, version = FALSE;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "listen", 0, 0, G_OPTION_ARG_STRING, &listen, "Where to serve (127.0.0.1:8470; port 0: any free one)",
      "HOST:PORT" },
    { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &state_dir, "Where payments, keys and queues are kept",
      "DIR" },
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &file, "Settings, as [group] and key=value", "FILE" },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &sets, "One setting; wins over the file", "GROUP.KEY=VALUE" },
    { "check-config", 0, 0, G_OPTION_ARG_NONE, &check, "Print every setting as it would hold, and end",
      NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version, and end", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) options =
    g_option_context_new ("- the gateway between POS programs and card terminals");

  g_option_context_set_description (options,
                                    "Example:\n  tgw-gateway --listen 127.0.0.1:0 --state-dir /tmp/shop\n");
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error) || argc > 1)
    {
      fprintf (stderr, "tgw-gateway: %s\n", error ? error->message : "takes options only; see --help");
      return EXIT_USAGE;
    }
  if (version)
    {
      printf ("tgw-gateway %s\n", TGW_VERSION);
      return 0;
    }

  g_autoptr (GwConfig) config = gw_config_load (file, sets, listen, state_dir, &error);
  if (!config)
    {
      fprintf (stderr, "tgw-gateway: %s\n", error->message);
      return EXIT_USAGE;
    }
  if (check)
    {
      g_autofree char *text = gw_config_describe (config);
      fputs (text, stdout);
      return 0;
    }

  gw_log_init (config->log_level);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN); /* a limit on files is a full disk, and no reason to die */
  g_autoptr (GwApp) app = gw_app_new (config, &error);
  if (!app || !gw_app_run (app, &error))
    {
      fprintf (stderr, "tgw-gateway: %s\n", error->message);
      return 1;
    }
  return 0;
}
