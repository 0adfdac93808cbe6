/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One command to the control socket of a simulated terminal, and what it answered. */
#include "tools/ctl-http.h"
#include "tools/ctl-print.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>

#include "protocol/id.h"

static char *
call (const char *path, const char *words, GError **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GDataInputStream) input = NULL;
  g_autofree char *line = g_strconcat (words, "\n", NULL);
  char *answer;

  g_socket_client_set_timeout (client, 30);
  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, error);
  if (connection == NULL ||
      !g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), line,
                                  strlen (line), NULL, NULL, error))
    return NULL;
  input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  answer = g_data_input_stream_read_line_utf8 (input, NULL, NULL, error);
  if (answer == NULL && *error == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "it hung up without an answer");
  return answer;
}

static void
print_state (TgpValue state)
{
  TgpValue payment = tgp_value_member (state, "payment"), journal = tgp_value_member (state, "journal");
  g_autofree char *name = ctl_text (state, "terminalId"), *connected = ctl_text (state, "connected"),
                  *away = ctl_text (state, "away"), *id = ctl_text (payment, "transactionId"),
                  *text = ctl_text (payment, "text");
  CtlTable *table = ctl_table_new ("PAYMENT", "RESULT", "ERROR", "AMOUNT", "", "ACKED", "VOIDED", NULL);

  ctl_print ("%s is %s.", name,
             strcmp (connected, "true") == 0 ? "connected"
             : strcmp (away, "true") == 0    ? "away; “return” brings it back"
                                             : "connecting");
  if (tgp_value_exists (payment))
    ctl_print ("%s for %s waits for an answer.", id, text);
  for (TgpValue item = tgp_value_first (journal); tgp_value_type (item) != TGP_JSON_ABSENT;
       item = tgp_value_next (item))
    ctl_table_add (table, ctl_text (item, "transactionId"), ctl_text (item, "result"),
                   ctl_text (item, "errorCode"), ctl_text (item, "amount"), ctl_text (item, "currency"),
                   ctl_text (item, "acked"), ctl_text (item, "voided"));
  ctl_table_print (table, "It remembers no payments.");
}

/* The terminal refused: it names the code, and we say how that ends. */
static int
fail (TgpValue answer)
{
  g_autofree char *code = ctl_text (answer, "code"), *message = ctl_text (answer, "message");

  g_printerr ("tgwctl: %s (%s)\n", message, code);
  return strcmp (code, "NO_PAYMENT") == 0 ? EXIT_CODE_REFUSED : EXIT_CODE_USAGE;
}

static int
tell (const CtlOptions *options, const char *path, const char *words)
{
  g_autofree char *line = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  TgpValue root;
  gboolean ok = FALSE;

  line = call (path, words, &error);
  if (line == NULL)
    {
      g_printerr (
        "tgwctl: no simulated terminal answers at %s: %s. “tgwctl sandbox” starts some and says where they "
        "are; “tgw-terminal-sim --control PATH” starts one.\n",
        path, error->message);
      return EXIT_CODE_UNREACHABLE;
    }
  json = tgp_json_parse_object (line, strlen (line), NULL);
  if (json == NULL)
    {
      g_printerr ("tgwctl: what answers at %s is no simulated terminal\n", path);
      return EXIT_CODE_UNREACHABLE;
    }
  root = tgp_json_root (json);
  if (!tgp_get_optional_boolean (root, "ok", FALSE, &ok, NULL) || !ok)
    return fail (root);
  if (options->json)
    ctl_print_json (root);
  else
    print_state (root);
  return EXIT_CODE_OK;
}

int
ctl_sim (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *path = NULL, *words = NULL, *socket = NULL;
  const GOptionEntry own[] = {
    { "socket", 0, 0, G_OPTION_ARG_FILENAME, &socket, "The terminal's control socket, in place of its name",
      "PATH" },
    { NULL },
  };
  guint first = 0, n;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  n = options.arguments->len;
  if (socket == NULL)
    {
      const char *terminal = ctl_options_argument (&options, first++);
      g_autofree char *folder =
        options.state_dir != NULL ? g_strdup (options.state_dir) : ctl_default_state_dir ();
      g_autofree char *name = g_strconcat (terminal, ".sock", NULL);

      if (!tgp_id_valid (terminal, strlen (terminal)))
        return ctl_usage (verb, "“%s” is no terminal; the first one of a sandbox is TERM-001", terminal);
      path = g_build_filename (folder, "sim", name, NULL);
    }
  if (first == n)
    return ctl_usage (verb, "COMMAND is missing");
  if (n - first > 2)
    return ctl_usage (verb, "what is “%s”?", ctl_options_argument (&options, first + 2));
  words = n - first == 2 ? g_strdup_printf ("%s %s", ctl_options_argument (&options, first),
                                            ctl_options_argument (&options, first + 1))
                         : g_strdup (ctl_options_argument (&options, first));
  if (strpbrk (words, "\r\n") != NULL)
    return ctl_usage (verb, "a command is one line");
  return tell (&options, socket != NULL ? socket : path, words);
}
