/* SPDX-License-Identifier: GPL-3.0-or-later */
/* status, cancel, void: signed HTTP calls without a session, so that they take neither a running till's
 * connection nor its messages. */
#include "tools/ctl-http.h"
#include "tools/ctl-print.h"
#include "tools/ctl-words.h"

#include "protocol/states.h"

static char *
target_of (const CtlOptions *options, const char *suffix)
{
  g_autofree char *id = g_uri_escape_string (ctl_options_argument (options, 0), NULL, FALSE);

  return g_strdup_printf ("/v1/transactions/%s%s", id, suffix);
}

/* exit_code: what the payment's state means to the caller. */
static int
print_status (const CtlOptions *options, CtlHttp *http, int (*exit_code) (TgpValue transaction))
{
  g_autofree char *target = target_of (options, "");
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpJson) json = ctl_http_call (http, "GET", target, NULL, &error);

  if (json == NULL)
    return ctl_fail (error);
  if (options->json)
    ctl_print_json (tgp_json_root (json));
  else
    ctl_print_transaction (tgp_json_root (json));
  return exit_code (tgp_json_root (json));
}

int
ctl_status (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (GError) error = NULL;
  int exit_code;

  if (!ctl_options_parse (&options, verb, NULL, argc, argv, &exit_code))
    return exit_code;
  http = ctl_http_new_pos (&options, &error);
  if (http == NULL)
    return ctl_fail (error);
  return print_status (&options, http, ctl_transaction_exit_code);
}

/* Cancelled or declined: the wish came true. Charged: somebody must look. */
static int
exit_code_of_cancel (TgpValue transaction)
{
  return ctl_transaction_exit_code (transaction) == EXIT_CODE_NOT_PAID ? EXIT_CODE_OK : EXIT_CODE_UNKNOWN;
}

static int
exit_code_of_void (TgpValue transaction)
{
  g_autofree char *status = ctl_text (transaction, "voidStatus");

  return g_str_equal (status, "CONFIRMED") ? EXIT_CODE_OK : EXIT_CODE_UNKNOWN;
}

typedef gboolean (*IsOver) (TgpValue transaction);

static gboolean
is_final (TgpValue transaction)
{
  g_autofree char *name = ctl_text (transaction, "status");
  TgpStatus status;

  return tgp_status_from_name (name, &status) && tgp_status_is_final (status);
}

static gboolean
is_void_answered (TgpValue transaction)
{
  g_autofree char *name = ctl_text (transaction, "voidStatus");

  return !g_str_equal (name, "REQUESTED");
}

/* Asks once a second until it is over. */
static gboolean
wait_for (const CtlOptions *options, CtlHttp *http, IsOver is_over, int seconds, GError **error)
{
  g_autofree char *target = target_of (options, "");

  for (int i = 0; i < seconds; i++)
    {
      g_autoptr (TgpJson) json = ctl_http_call (http, "GET", target, NULL, error);

      if (json == NULL)
        return FALSE;
      if (is_over (tgp_json_root (json)))
        break;
      g_usleep (G_USEC_PER_SEC);
    }
  return TRUE;
}

static int
run (const CtlVerb *verb, int argc, char **argv, const char *suffix, IsOver is_over,
     int (*code_of) (TgpValue transaction), const char *taken)
{
  g_auto (CtlOptions) options = { 0 };
  gboolean wait = FALSE;
  int seconds = 60;
  const GOptionEntry own[] = {
    { "wait", 0, 0, G_OPTION_ARG_NONE, &wait, "Wait for the terminal's answer, and show the payment", NULL },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &seconds, "Wait so long at most (60)", "SECONDS" },
    { NULL },
  };
  g_autofree char *target = NULL;
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  http = ctl_http_new_pos (&options, &error);
  if (http == NULL)
    return ctl_fail (error);
  target = target_of (&options, suffix);
  json = ctl_http_call (http, "POST", target, NULL, &error);
  if (json == NULL)
    return ctl_fail (error);
  if (!wait)
    {
      if (options.json)
        ctl_print_json (tgp_json_root (json));
      else
        ctl_print ("%s “tgwctl status %s” tells how it ends.", taken, ctl_options_argument (&options, 0));
      return EXIT_CODE_OK;
    }
  if (!wait_for (&options, http, is_over, seconds, &error))
    return ctl_fail (error);
  return print_status (&options, http, code_of);
}

int
ctl_cancel (const CtlVerb *verb, int argc, char **argv)
{
  return run (verb, argc, argv, "/cancel", is_final, exit_code_of_cancel,
              "The cancel is under way. The terminal may have charged already:");
}

int
ctl_void (const CtlVerb *verb, int argc, char **argv)
{
  return run (verb, argc, argv, "/void", is_void_answered, exit_code_of_void, "The void is under way.");
}
