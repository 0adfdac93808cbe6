/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An archive for support: what the proxy tells its operator, and what the computer is. No database, no key
 * file, no journal: nothing that holds a secret or says who paid. Settings and log lines might all the same,
 * by somebody's mistake: they are redacted. */
#include "tools/ctl-http.h"
#include "tools/ctl-print.h"
#include "tools/ctl-redact.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "libtgwclient/tgwclient.h"
#include "protocol/json-writer.h"

static const struct
{
  const char *name;
  const char *target;
} parts[] = {
  { "status.json", "/admin/status" },
  { "clients.json", "/admin/clients" },
  { "log.json", "/admin/logs" },
};

static gboolean
write_part (const char *folder, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, error);
}

static char *
describe_system (void)
{
  struct utsname name = { 0 };
  g_autofree char *release = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format_iso8601 (now);

  uname (&name);
  return g_strdup_printf ("system   %s\nkernel   %s %s %s\nGLib     %u.%u.%u\ntime     %s\n",
                          release != NULL ? release : "?", name.sysname, name.release, name.machine,
                          glib_major_version, glib_minor_version, glib_micro_version, time);
}

static gboolean
gather (const CtlOptions *options, const char *folder, GError **error)
{
  g_autoptr (CtlHttp) http = ctl_http_new_proxy (options);
  g_autofree char *system = describe_system ();

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (TgpJson) json = ctl_http_call (http, "GET", parts[i].target, NULL, error);
      g_autofree char *raw = json != NULL ? tgp_value_dup_raw (tgp_json_root (json)) : NULL;
      g_autofree char *text = raw != NULL ? ctl_redact (raw, error) : NULL;
      if (text == NULL || !write_part (folder, parts[i].name, text, error))
        return FALSE;
    }
  return write_part (folder, "system.txt", system, error);
}

static gboolean
pack (const char *folder, const char *file, GError **error)
{
  g_autoptr (GSubprocess) tar =
    g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, error, "tar", "-czf", file, "-C", folder, "status.json",
                      "clients.json", "log.json", "system.txt", NULL);

  return tar != NULL && g_subprocess_wait_check (tar, NULL, error);
}

static void
remove_folder (const char *folder)
{
  static const char *const names[] = { "status.json", "clients.json", "log.json", "system.txt" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_unlink (path);
    }
  g_rmdir (folder);
}

static void
print_file (const char *file)
{
  g_autofree char *text = NULL;
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "file", file);
  tgp_json_close_object (&writer);
  text = tgp_json_writer_end (&writer);
  ctl_print ("%s", text);
}

int
ctl_proxy_bundle (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *file = NULL, *folder = NULL, *absolute = NULL;
  g_autoptr (GError) error = NULL;
  gboolean good;
  mode_t mask;
  int exit_code;

  if (!ctl_options_parse (&options, verb, NULL, argc, argv, &exit_code))
    return exit_code;
  file = options.arguments->len > 0 ? g_strdup (ctl_options_argument (&options, 0))
                                    : g_date_time_format (now, "tgw-proxy-%Y%m%d-%H%M%S.tar.gz");
  absolute = g_canonicalize_filename (file, NULL);
  mask = umask (077);
  folder = g_dir_make_tmp ("tgw-bundle.XXXXXX", &error);
  good = folder != NULL && gather (&options, folder, &error) && pack (folder, absolute, &error);
  umask (mask);
  if (folder != NULL)
    remove_folder (folder);
  if (!good)
    return ctl_fail (error);
  if (options.json)
    print_file (absolute);
  else
    ctl_print (
      "%s\nIt holds states, settings and the log. What looks like a secret or like somebody's data is "
      "***; look into it before you send it.",
      absolute);
  return EXIT_CODE_OK;
}
