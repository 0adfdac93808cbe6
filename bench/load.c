/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The load generator: one kind of load a run, results as one line of JSON.
 *
 *   tgw-load echo     PORT KEYS IDLE BUSY SECONDS PID   opens IDLE terminals, then BUSY POS send pings of 500
 * bytes tgw-load pay      PORT KEYS TERMINALS SECONDS RATE PID   RATE 0: closed loop, else payments/s at
 * fixed times tgw-load http     PORT KEYS CONNECTIONS SECONDS PID [PATH]   signed POSTs, refused; with PATH:
 * plain GETs of it
 *
 * KEYS: lines "posKey posSecret terminalKey", one a group, as bench/run writes them. PID: whose CPU and
 * memory are read. */
#include "bench/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

Load load;

static void
read_keys (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_get_contents (path, &text, NULL, &error))
    g_error ("%s", error->message);
  g_auto (GStrv) lines = g_strsplit (g_strstrip (text), "\n", -1);
  load.n_groups = g_strv_length (lines);
  load.groups = g_new0 (LoadGroup, load.n_groups);
  for (guint i = 0; i < load.n_groups; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", 3);
      load.groups[i] = (LoadGroup){ .pos_key = g_strdup (words[0]),
                                    .pos_secret = g_strdup (words[1]),
                                    .terminal_key = g_strdup (words[2]) };
    }
}

/* ns that all threads of the server have run. */
gint64
server_cpu_ns (void)
{
  g_autofree char *folder = g_strdup_printf ("/proc/%d/task", load.pid);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  gint64 sum = 0;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_strdup_printf ("%s/%s/schedstat", folder, name);
      g_autofree char *text = NULL;
      if (g_file_get_contents (path, &text, NULL, NULL))
        sum += g_ascii_strtoll (text, NULL, 10);
    }
  return sum;
}

gint64
server_rss (void)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/statm", load.pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  words = g_strsplit (text, " ", 3);
  return g_ascii_strtoll (words[1], NULL, 10) * 4096;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;
  return x < y ? -1 : x > y;
}

double
percentile_ms (GArray *samples, double p)
{
  if (samples->len == 0)
    return 0;
  g_array_sort (samples, compare);
  return g_array_index (samples, guint32, (guint) ((samples->len - 1) * p)) / 1000.0;
}

int
main (int argc, char **argv)
{
  struct rlimit limit;

  if (argc < 7)
    {
      fprintf (stderr, "see bench/load.c for the arguments; ./dev bench gives them\n");
      return 64;
    }
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  wire_init (&load.wire);
  load.port = (guint16) atoi (argv[2]);
  read_keys (argv[3]);
  if (strcmp (argv[1], "echo") == 0 && argc == 8)
    {
      load.pid = atoi (argv[7]);
      load_echo ((guint) atoi (argv[4]), (guint) atoi (argv[5]), atof (argv[6]));
    }
  else if (strcmp (argv[1], "pay") == 0 && argc == 8)
    {
      load.pid = atoi (argv[7]);
      load_pay ((guint) atoi (argv[4]), atof (argv[5]), (guint) atoi (argv[6]));
    }
  else if (strcmp (argv[1], "http") == 0)
    {
      load.pid = atoi (argv[6]);
      load_http ((guint) atoi (argv[4]), atof (argv[5]), argc > 7 ? argv[7] : NULL);
    }
  return 0;
}
