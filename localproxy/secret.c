/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "localproxy/secret.h"

#include "protocol/json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_KEY_FILE 65536

void
lp_secret_harden (void)
{
  struct rlimit none = { 0, 0 };

  prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
  setrlimit (RLIMIT_CORE, &none);
}

void
lp_secret_clear (char **secret)
{
  if (*secret)
    explicit_bzero (*secret, strlen (*secret));
  g_clear_pointer (secret, g_free);
}

static gboolean
refuse (GError **error, const char *path, const char *what)
{
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_ACCES, "The key file %s %s", path, what);
  return FALSE;
}

/* systemd guards its credentials itself, in modes of its own. */
static int
open_key_file (const char *path, gboolean guarded, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  g_autofree char *what = NULL;

  if (fd < 0 || fstat (fd, &status) != 0)
    what = g_strdup_printf ("cannot be read: %s; “tgwctl keys create --json > FILE” makes one",
                            g_strerror (errno));
  else if (!S_ISREG (status.st_mode))
    what = g_strdup ("is no file");
  else if (!guarded && (status.st_mode & 077) != 0)
    what = g_strdup_printf ("can be read by others (mode %04o); say “chmod 600 %s”",
                            (guint) status.st_mode & 07777, path);
  else if (!guarded && status.st_uid != geteuid () && status.st_uid != 0)
    what = g_strdup_printf ("belongs to user %u, not to the user of the proxy, %u", (guint) status.st_uid,
                            (guint) geteuid ());
  if (!what)
    return fd;
  refuse (error, path, what);
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
is_usable (const char *text)
{
  gsize length = text ? strlen (text) : 0;

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (text[i]))
      return FALSE;
  return length >= 1 && length <= 256;
}

gboolean
lp_secret_load (const char *path, char **api_key, char **api_secret, GError **error)
{
  const char *folder = g_getenv ("CREDENTIALS_DIRECTORY");
  gboolean guarded = !path || !*path;
  g_autofree char *file = NULL;
  g_autoptr (TgpJson) json = NULL;
  char text[MAX_KEY_FILE];
  gssize length;
  int fd;

  if (guarded && (!folder || !*folder))
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                           "There is no API key: say --api-key-file FILE, or give the service the systemd "
                           "credential “api-key”");
      return FALSE;
    }
  file = guarded ? g_build_filename (folder, "api-key", NULL) : g_strdup (path);
  if ((fd = open_key_file (file, guarded, error)) < 0)
    return FALSE;
  length = read (fd, text, sizeof text);
  close (fd);
  if (length > 0)
    json = tgp_json_parse_object (text, (gsize) length, NULL);
  explicit_bzero (text, sizeof text);
  if (json)
    {
      *api_key = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "apiKey"));
      *api_secret = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "apiSecret"));
    }
  if (is_usable (*api_key) && is_usable (*api_secret))
    return TRUE;
  lp_secret_clear (api_key);
  lp_secret_clear (api_secret);
  /* The content stays out of the message: it may be a secret all the same. */
  return refuse (error, file, "holds no key; “tgwctl keys create --json > FILE” makes one");
}

char *
lp_secret_new (void)
{
  guint8 random[32];
  char *text;

  for (gsize done = 0; done < sizeof random;)
    {
      gssize n = getrandom (random + done, sizeof random - done, 0);
      if (n > 0)
        done += (gsize) n;
      else if (errno != EINTR)
        g_error ("getrandom: %s", g_strerror (errno));
    }
  text = g_base64_encode (random, sizeof random);
  explicit_bzero (random, sizeof random);
  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

void
lp_secret_hash (const char *text, guint8 hash[32])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length = 32;

  g_checksum_update (sum, (const guchar *) text, -1);
  g_checksum_get_digest (sum, hash, &length);
}

gboolean
lp_secret_same (const guint8 *a, const guint8 *b, gsize length)
{
  volatile guint8 difference = 0;

  for (gsize i = 0; i < length; i++)
    difference |= a[i] ^ b[i];
  return difference == 0;
}
