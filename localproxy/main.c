/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "localproxy/log.h"
#include "localproxy/proxy.h"
#include "localproxy/secret.h"

#include <signal.h>
#include <stdio.h>

#define EXIT_USAGE 64

int
main (int argc, char **argv)
{
  g_autofree char *gateway = NULL, *listen = NULL, *state_dir = NULL, *key_file = NULL, *file = NULL;
  g_auto (GStrv) sets = NULL;
  gboolean check = FALSE, version = FALSE;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "gateway", 0, 0, G_OPTION_ARG_STRING, &gateway, "The gateway's address", "URL" },
    { "listen", 0, 0, G_OPTION_ARG_STRING, &listen, "Where to serve (127.0.0.1:8471; port 0: any free one)",
      "HOST:PORT" },
    { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &state_dir, "Where clients, journal and queues are kept",
      "DIR" },
    { "api-key-file", 0, 0, G_OPTION_ARG_FILENAME, &key_file,
      "The API key, as “tgwctl keys create --json” prints it; mode 0600", "FILE" },
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &file, "Settings, as [group] and key=value", "FILE" },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &sets, "One setting; wins over the file", "GROUP.KEY=VALUE" },
    { "check-config", 0, 0, G_OPTION_ARG_NONE, &check, "Print every setting as it would hold, and end",
      NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version, and end", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) options =
    g_option_context_new ("- lets the programs of this computer pay over one connection to the gateway");

  lp_secret_harden ();
  g_option_context_set_description (options, "Example:\n  tgw-proxy --gateway https://gateway.example:8470 "
                                             "--api-key-file pos.key\n  tgwctl proxy pair till-1\n");
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error) || argc > 1)
    {
      fprintf (stderr, "tgw-proxy: %s\n", error ? error->message : "takes options only; see --help");
      return EXIT_USAGE;
    }
  if (version)
    {
      printf ("tgw-proxy %s\n", TGW_VERSION);
      return 0;
    }
  g_autoptr (LpConfig) config = lp_config_load (file, sets, gateway, listen, state_dir, key_file, &error);
  if (!config)
    {
      fprintf (stderr, "tgw-proxy: %s\n", error->message);
      return EXIT_USAGE;
    }
  if (check)
    {
      g_autofree char *text = lp_config_describe (config);
      fputs (text, stdout);
      return 0;
    }
  lp_log_init (config->log_level);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN); /* a limit on files is a full disk, and no reason to die */
  g_autoptr (LpProxy) proxy = lp_proxy_new (config, &error);
  if (!proxy || !lp_proxy_run (proxy, &error))
    {
      fprintf (stderr, "tgw-proxy: %s\n", error->message);
      return 1;
    }
  return 0;
}
