/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ctl.h"

#include "libtgwclient/tgwclient.h"
#include "tools/ctl-http.h"

#include <string.h>

static char *
full_name (const CtlVerb *verb)
{
  return g_strdup_printf ("tgwctl %s%s%s", verb->noun != NULL ? verb->noun : "",
                          verb->noun != NULL ? " " : "", verb->name);
}

int
ctl_usage (const CtlVerb *verb, const char *format, ...)
{
  g_autofree char *text = NULL, *name = full_name (verb);
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("%s: %s\nSee “%s --help”.\n", name, text, name);
  return EXIT_CODE_USAGE;
}

int
ctl_fail (const GError *error)
{
  g_printerr ("tgwctl: %s\n", error->message);
  if (g_error_matches (error, TGW_ERROR, TGW_ERROR_INVALID_ADDRESS) ||
      g_error_matches (error, TGW_ERROR, TGW_ERROR_INSECURE_ADDRESS) ||
      g_error_matches (error, TGW_ERROR, TGW_ERROR_INVALID_KEY_FILE))
    return EXIT_CODE_USAGE;
  if (tgw_error_is_connection (error))
    return EXIT_CODE_UNREACHABLE;
  if (error->domain == TGW_ERROR && error->code < TGW_ERROR_NOT_CONNECTED)
    switch (error->code)
      {
      case TGW_ERROR_TIMEOUT:
      case TGW_ERROR_STORAGE_UNAVAILABLE:
      case TGW_ERROR_OVERLOADED:
      case TGW_ERROR_DRAINING:
      case TGW_ERROR_INTERNAL_ERROR:
      case TGW_ERROR_GATEWAY_UNAVAILABLE:
        return EXIT_CODE_UNREACHABLE;
      default:
        return EXIT_CODE_REFUSED;
      }
  return EXIT_CODE_UNREACHABLE;
}

static GOptionContext *
new_context (const CtlVerb *verb)
{
  g_autofree char *parameters = g_strdup_printf (
    "%s%s%s%s%s", verb->noun != NULL ? verb->noun : "", verb->noun != NULL ? " " : "", verb->name,
    verb->arguments != NULL ? " " : "", verb->arguments != NULL ? verb->arguments : "");
  g_autofree char *description =
    g_strdup_printf ("%s%sExample:\n  %s\n", verb->more != NULL ? verb->more : "",
                     verb->more != NULL ? "\n\n" : "", verb->example);
  GOptionContext *context = g_option_context_new (parameters);

  g_option_context_set_summary (context, verb->summary);
  g_option_context_set_description (context, description);
  return context;
}

gboolean
ctl_options_parse (CtlOptions *options, const CtlVerb *verb, const GOptionEntry *own, int argc, char **argv,
                   int *exit_code)
{
  const GOptionEntry common[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, "Print JSON", NULL },
    { NULL },
  };
  const GOptionEntry admin[] = {
    { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->state_dir,
      "The state folder of the running gateway", "DIR" },
    { NULL },
  };
  const GOptionEntry proxy[] = {
    { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->state_dir,
      "The state folder of the running local proxy", "DIR" },
    { NULL },
  };
  const GOptionEntry pos[] = {
    { "gateway", 0, 0, G_OPTION_ARG_STRING, &options->gateway,
      "The gateway's address (http://127.0.0.1:8470)", "URL" },
    { "api-key-file", 0, 0, G_OPTION_ARG_FILENAME, &options->key_file,
      "A key file; or TGW_API_KEY and TGW_API_SECRET in the environment", "FILE" },
    { "allow-plain-text", 0, 0, G_OPTION_ARG_NONE, &options->allow_plain_text,
      "Allow an unprotected connection to another computer", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = new_context (verb);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = g_new0 (char *, (gsize) argc + 2);
  char **rest = words;

  /* The program's name in front, so that --help shows it. */
  words[0] = g_strdup ("tgwctl");
  for (int i = 0; i < argc; i++)
    words[i + 1] = g_strdup (argv[i]);
  g_set_prgname ("tgwctl");
  if (own != NULL)
    g_option_context_add_main_entries (context, own, NULL);
  if ((verb->options & CTL_ADMIN) != 0)
    g_option_context_add_main_entries (context, admin, NULL);
  if ((verb->options & CTL_PROXY) != 0)
    g_option_context_add_main_entries (context, proxy, NULL);
  if ((verb->options & CTL_POS) != 0)
    g_option_context_add_main_entries (context, pos, NULL);
  g_option_context_add_main_entries (context, common, NULL);
  if (!g_option_context_parse_strv (context, &words, &error))
    {
      *exit_code = ctl_usage (verb, "%s", error->message);
      return FALSE;
    }

  options->arguments = g_ptr_array_new_with_free_func (g_free);
  rest = words;
  for (guint i = 1; rest[0] != NULL && rest[i] != NULL; i++)
    if (strcmp (rest[i], "--") != 0)
      g_ptr_array_add (options->arguments, g_strdup (rest[i]));
  if (options->arguments->len < verb->min_arguments)
    {
      *exit_code = ctl_usage (verb, "%s is missing", verb->arguments);
      return FALSE;
    }
  if (options->arguments->len > verb->max_arguments)
    {
      *exit_code = ctl_usage (verb, "what is “%s”?", ctl_options_argument (options, verb->max_arguments));
      return FALSE;
    }
  if (options->gateway == NULL)
    options->gateway = g_strdup ("http://127.0.0.1:8470");
  return TRUE;
}

void
ctl_options_clear (CtlOptions *options)
{
  g_free (options->state_dir);
  g_free (options->gateway);
  g_free (options->key_file);
  g_clear_pointer (&options->arguments, g_ptr_array_unref);
}

const char *
ctl_options_argument (const CtlOptions *options, guint index)
{
  return options->arguments->pdata[index];
}
