/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sandbox-folder.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tools/ctl-http.h"

char *
sandbox_folder_file (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

char *
sandbox_folder_sim_file (const char *folder, const char *terminal, const char *suffix)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", terminal, suffix);

  return g_build_filename (folder, "sim", name, NULL);
}

static gboolean
make_folder (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0700) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (errno),
               "the state folder “%s” cannot be made: %s; choose another with --state-dir", path,
               g_strerror (errno));
  return FALSE;
}

/* A socket's path has a hard limit, and every terminal's has to fit. */
static gboolean
check_length (const char *folder, GError **error)
{
  g_autofree char *longest = sandbox_folder_sim_file (folder, "TERM-000", "sock");

  if (strlen (longest) < sizeof ((struct sockaddr_un *) NULL)->sun_path)
    return TRUE;
  g_set_error (
    error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG,
    "the state folder “%s” has too long a path for the sockets in it; choose a shorter one with --state-dir",
    folder);
  return FALSE;
}

char *
sandbox_folder_open (const char *path, GError **error)
{
  g_autofree char *folder = path != NULL ? g_canonicalize_filename (path, NULL)
                                         : g_build_filename (g_get_tmp_dir (), "tgw-sandbox-XXXXXX", NULL);
  g_autofree char *sim = NULL;

  if (!check_length (folder, error))
    return NULL;
  if (path == NULL && g_mkdtemp_full (folder, 0700) == NULL)
    {
      g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (errno),
                   "no temporary folder can be made in %s: %s; choose one with --state-dir", g_get_tmp_dir (),
                   g_strerror (errno));
      return NULL;
    }
  sim = g_build_filename (folder, "sim", NULL);
  if (!make_folder (folder, error) || !make_folder (sim, error))
    return NULL;
  return g_steal_pointer (&folder);
}

void
sandbox_folder_remove (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inside = g_build_filename (path, name, NULL);
      GStatBuf status;

      if (g_lstat (inside, &status) == 0 && S_ISDIR (status.st_mode))
        sandbox_folder_remove (inside);
      else
        g_unlink (inside);
    }
  g_rmdir (path);
}

gboolean
sandbox_folder_make_key (const char *folder, const char *role, const char *path, GError **error)
{
  CtlOptions options = { .state_dir = (char *) folder };
  g_autofree char *body = g_strdup_printf ("{\"role\":\"%s\",\"groupId\":\"sandbox\"}", role), *text = NULL;
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  http = ctl_http_new_admin (&options);
  json = ctl_http_call (http, "POST", "/admin/keys", body, error);
  if (json == NULL)
    return FALSE;
  text = tgp_value_dup_raw (tgp_json_root (json));
  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}
