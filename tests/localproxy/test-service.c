/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What systemd hears and gives, the key file, and settings. */
#include "localproxy/config.h"
#include "localproxy/secret.h"
#include "localproxy/service.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void
test_notify (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tgw-proxy.XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "notify", NULL);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  char text[64] = "";

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  lp_service_notify ("READY=1"); /* nobody listens: nothing happens */
  g_setenv ("NOTIFY_SOCKET", path, TRUE);
  lp_service_notify ("READY=1");
  g_assert_cmpint (recv (fd, text, sizeof text - 1, 0), ==, 7);
  g_assert_cmpstr (text, ==, "READY=1");

  g_assert_cmpuint (lp_service_start_watchdog (), ==, 0);
  g_setenv ("WATCHDOG_USEC", "40000", TRUE);
  g_setenv ("WATCHDOG_PID", "1", TRUE);
  g_assert_cmpuint (lp_service_start_watchdog (), ==, 0); /* meant for another process */
  g_unsetenv ("WATCHDOG_PID");
  guint watchdog = lp_service_start_watchdog ();
  g_assert_cmpuint (watchdog, >, 0);
  memset (text, 0, sizeof text);
  while (recv (fd, text, sizeof text - 1, MSG_DONTWAIT) < 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (text, ==, "WATCHDOG=1");
  g_source_remove (watchdog);
  g_unsetenv ("NOTIFY_SOCKET");
  g_unsetenv ("WATCHDOG_USEC");
  close (fd);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_sockets (void)
{
  g_autofree char *pid = g_strdup_printf ("%d", getpid ());
  g_autoptr (GArray) none = NULL, given = NULL, after = NULL;

  g_setenv ("LISTEN_FDS", "2", TRUE);
  g_setenv ("LISTEN_PID", "1", TRUE);
  none = lp_service_sockets ();
  g_assert_cmpuint (none->len, ==, 0);
  g_setenv ("LISTEN_FDS", "2", TRUE);
  g_setenv ("LISTEN_PID", pid, TRUE);
  given = lp_service_sockets ();
  g_assert_cmpuint (given->len, ==, 2);
  g_assert_cmpint (g_array_index (given, int, 0), ==, 3);
  after = lp_service_sockets ();
  g_assert_cmpuint (after->len, ==, 0); /* they are given once */
  g_assert_null (g_getenv ("LISTEN_FDS"));
}

static void
test_secret (void)
{
  static const struct
  {
    const char *text;
    int mode;
    const char *fault; /* NULL: it is good */
  } cases[] = {
    { "{\"apiKey\":\"k\",\"apiSecret\":\"s\"}", 0600, NULL },
    { "{\"apiKey\":\"k\",\"apiSecret\":\"s\"}", 0400, NULL },
    { "{\"apiKey\":\"k\",\"apiSecret\":\"s\"}", 0640, "can be read by others" },
    { "{\"apiKey\":\"k\",\"apiSecret\":\"s\"}", 0604, "chmod 600" },
    { "{\"apiKey\":\"k\"}", 0600, "holds no key" },
    { "{\"apiKey\":\"k\",\"apiSecret\":\"two words\"}", 0600, "holds no key" },
    { "sesame", 0600, "holds no key" },
    { "", 0600, "holds no key" },
  };
  g_autofree char *folder = g_dir_make_tmp ("tgw-proxy.XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "api-key", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      char *key = NULL, *secret = NULL;

      g_assert_true (g_file_set_contents (path, cases[i].text, -1, NULL));
      g_assert_cmpint (g_chmod (path, cases[i].mode), ==, 0);
      gboolean good = lp_secret_load (path, &key, &secret, &error);
      g_assert_true (good == !cases[i].fault);
      if (good)
        g_assert_cmpstr (secret, ==, "s");
      else
        {
          g_assert_nonnull (strstr (error->message, cases[i].fault));
          g_assert_null (strstr (error->message, "sesame"));
        }
      lp_secret_clear (&key);
      lp_secret_clear (&secret);
      g_assert_null (secret);
    }

  /* As a credential: systemd guards it, the mode is its own. */
  g_autoptr (GError) error = NULL;
  char *key = NULL, *secret = NULL;
  g_assert_false (lp_secret_load (NULL, &key, &secret, &error));
  g_assert_nonnull (strstr (error->message, "--api-key-file"));
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, cases[0].text, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0440), ==, 0);
  g_setenv ("CREDENTIALS_DIRECTORY", folder, TRUE);
  g_assert_true (lp_secret_load (NULL, &key, &secret, &error));
  g_unsetenv ("CREDENTIALS_DIRECTORY");
  lp_secret_clear (&key);
  lp_secret_clear (&secret);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_tokens (void)
{
  g_autofree char *a = lp_secret_new (), *b = lp_secret_new ();
  guint8 one[32], two[32];

  g_assert_cmpuint (strlen (a), ==, 43); /* 256 bits */
  g_assert_cmpstr (a, !=, b);
  lp_secret_hash (a, one);
  lp_secret_hash (a, two);
  g_assert_true (lp_secret_same (one, two, sizeof one));
  lp_secret_hash (b, two);
  g_assert_false (lp_secret_same (one, two, sizeof one));
}

static void
test_config (void)
{
  static const struct
  {
    const char *set;
    const char *fault; /* NULL: it is good */
  } cases[] = {
    { "proxy.listen=127.0.0.1:0", NULL },
    { "proxy.listen=[::1]:8471", NULL },
    { "proxy.listen=localhost:8471", NULL },
    { "proxy.listen=0.0.0.0:8471", "must be a loopback address" },
    { "proxy.listen=[::]:8471", "must be a loopback address" },
    { "proxy.listen=10.0.0.7:8471", "must be a loopback address" },
    { "proxy.listen=8471", "HOST:PORT" },
    { "proxy.allow-plain-text=yes", "true or false" },
    { "proxy.drain-timeout=-1", "a whole number of seconds" },
    { "proxy.log-level=loud", "error, warning" },
    { "proxy.nonsense=1", "is no setting" },
    { "proxy.listen", "GROUP.KEY=VALUE" },
    { "proxy.gateway=", "proxy.gateway is missing" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      char *sets[] = { (char *) "proxy.gateway=https://gateway.example", (char *) cases[i].set, NULL };
      g_autoptr (LpConfig) config = lp_config_load (NULL, sets, NULL, NULL, NULL, NULL, &error);

      g_assert_true ((config != NULL) == !cases[i].fault);
      if (cases[i].fault)
        g_assert_nonnull (strstr (error->message, cases[i].fault));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy/service/notify", test_notify);
  g_test_add_func ("/proxy/service/sockets", test_sockets);
  g_test_add_func ("/proxy/secret/files", test_secret);
  g_test_add_func ("/proxy/secret/tokens", test_tokens);
  g_test_add_func ("/proxy/config", test_config);
  return g_test_run ();
}
