/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sim-options.h"

#include "libtgwclient/tgw-credentials.h"
#include "libtgwclient/tgw-endpoint.h"
#include "protocol/id.h"
#include "tools/exit-codes.h"

static const char summary[] =
  "A payment terminal for tests and demonstrations. It connects to a gateway, answers payments, and keeps "
  "each\n"
  "result until the gateway has acknowledged it.\n"
  "\n"
  "The amount's last two digits choose the answer:\n"
  "  .00-.49  approved              .80  customer cancels         .93  never answers\n"
  "  .50      declined              .81  answers after 10 s       .94  drops and has forgotten\n"
  "  .51      insufficient funds    .90  result sent twice        .95  drops before the request is shown\n"
  "  .54      expired card          .91  drops, back in 5 s       .96  void refused afterwards\n"
  "  .55      wrong PIN                  with the result          all others: approved\n"
  "  .57      not permitted         .92  drops, back after the\n"
  "  .61      over the limit             grace with a success\n"
  "\n"
  "Example:\n"
  "  tgw-terminal-sim --gateway http://127.0.0.1:8470 --api-key-file terminal.key --device-id TERM-001\n";

static gboolean usage (int *exit_code, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
usage (int *exit_code, const char *format, ...)
{
  va_list arguments;
  g_autofree char *text = NULL;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("tgw-terminal-sim: %s\nSee “tgw-terminal-sim --help”.\n", text);
  *exit_code = EXIT_CODE_USAGE;
  return FALSE;
}

static gboolean
load_key (SimOptions *options, const char *path, int *exit_code)
{
  g_autoptr (GError) error = NULL;

  if (path != NULL)
    {
      if (tgw_credentials_load (path, &options->api_key, &options->api_secret, &error))
        return TRUE;
      g_printerr ("tgw-terminal-sim: %s\n", error->message);
      *exit_code = EXIT_CODE_USAGE;
      return FALSE;
    }
  options->api_key = g_strdup (g_getenv ("TGW_API_KEY"));
  options->api_secret = g_strdup (g_getenv ("TGW_API_SECRET"));
  if (!tgw_credentials_usable (options->api_key) || !tgw_credentials_usable (options->api_secret))
    return usage (exit_code,
                  "--api-key-file FILE is needed, or TGW_API_KEY and TGW_API_SECRET in the environment");
  return TRUE;
}

static char *
describe_names (void)
{
  g_autofree char *names = sim_habits_help ();

  return g_strconcat ("Names for --behave:\n", names, NULL);
}

gboolean
sim_options_parse (SimOptions *options, int *argc, char ***argv, int *exit_code)
{
  g_autofree char *key_file = NULL, *names = describe_names ();
  g_auto (GStrv) behave = NULL;
  int delay = 300, late_after = 10000, back_after = 5000, grace = 60;
  const GOptionEntry entries[] = {
    { "gateway", 0, 0, G_OPTION_ARG_STRING, &options->gateway, "The gateway's address", "URL" },
    { "api-key-file", 0, 0, G_OPTION_ARG_FILENAME, &key_file, "A key file of a terminal", "FILE" },
    { "device-id", 0, 0, G_OPTION_ARG_STRING, &options->device_id, "The terminal's stable name", "ID" },
    { "behave", 0, 0, G_OPTION_ARG_STRING_ARRAY, &behave, "How it behaves, repeatable; names below", "NAME" },
    { "delay", 0, 0, G_OPTION_ARG_INT, &delay, "How long customers take (300)", "MS" },
    { "late-after", 0, 0, G_OPTION_ARG_INT, &late_after, "How late .81 answers (10000)", "MS" },
    { "back-after", 0, 0, G_OPTION_ARG_INT, &back_after, "When .91 is back (5000)", "MS" },
    { "grace", 0, 0, G_OPTION_ARG_INT, &grace, "The gateway's grace period, for .92 (60)", "SECONDS" },
    { "journal", 0, 0, G_OPTION_ARG_FILENAME, &options->journal, "Remember payments there, over kill -9 too",
      "FILE" },
    { "control", 0, 0, G_OPTION_ARG_FILENAME, &options->control,
      "Take commands there, a Unix socket; “tgwctl sim” sends them", "PATH" },
    { "quiet", 0, 0, G_OPTION_ARG_NONE, &options->quiet, "Do not tell what it does", NULL },
    { "json-events", 0, 0, G_OPTION_ARG_NONE, &options->json_events, "Tell it in JSON, one line an event",
      NULL },
    { "allow-plain-text", 0, 0, G_OPTION_ARG_NONE, &options->allow_plain_text,
      "Allow an unprotected connection to another computer", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) endpoint = NULL;

  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, names);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    return usage (exit_code, "%s", error->message);
  if (*argc > 1)
    return usage (exit_code, "what is “%s”?", (*argv)[1]);
  if (options->gateway == NULL)
    return usage (exit_code, "--gateway URL is needed");
  endpoint = tgw_endpoint_parse (options->gateway, options->allow_plain_text, &error);
  if (endpoint == NULL)
    return usage (exit_code, "%s", error->message);
  for (gsize i = 0; behave != NULL && behave[i] != NULL; i++)
    if (!sim_habits_add (&options->habits, behave[i]))
      return usage (exit_code, "--behave knows no “%s”", behave[i]);
  if (delay < 0 || late_after < 0 || back_after < 0 || grace < 0 || delay > 3600000 || late_after > 3600000 ||
      back_after > 3600000 || grace > 86400)
    return usage (exit_code, "a time is out of range");
  if (options->habits.no_device)
    g_clear_pointer (&options->device_id, g_free);
  if (options->device_id != NULL && !tgp_id_valid (options->device_id, strlen (options->device_id)))
    return usage (exit_code,
                  "a device id has 1 to 64 of A-Z a-z 0-9 . _ : - and starts with a letter or digit");

  options->delay = options->habits.fast ? 0 : (guint) delay;
  options->late_after = (guint) late_after;
  options->back_after = (guint) back_after;
  options->grace = (guint) grace * 1000;
  return load_key (options, key_file, exit_code);
}

void
sim_options_clear (SimOptions *options)
{
  g_clear_pointer (&options->gateway, g_free);
  g_clear_pointer (&options->api_key, g_free);
  g_clear_pointer (&options->api_secret, g_free);
  g_clear_pointer (&options->device_id, g_free);
  g_clear_pointer (&options->journal, g_free);
  g_clear_pointer (&options->control, g_free);
}
