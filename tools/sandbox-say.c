/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sandbox-say.h"

#include <string.h>

#include "protocol/json-writer.h"
#include "tools/ctl-print.h"
#include "tools/sandbox-child.h"
#include "tools/sandbox-folder.h"

/* Quoted for a shell only where that is needed. */
static char *
as_word (const char *text)
{
  if (text[strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "/._-+,:@%")] == '\0')
    return g_strdup (text);
  return g_shell_quote (text);
}

void
sandbox_say_ready (const SandboxFacts *facts)
{
  g_autofree char *ctl = sandbox_own_name (), *key = as_word (facts->key_file),
                  *folder = as_word (facts->folder);
  const char *terminal = facts->terminals->pdata[0];

  ctl_print ("\nReady. A payment, in another shell:\n\n"
             "  %s pay --terminal %s --amount 12.00 --currency EUR --gateway %s --api-key-file %s\n",
             ctl, terminal, facts->url, key);
  ctl_print (
    "The cents choose what the terminal does:\n\n"
    "  .00  approves               .80  the customer cancels     .92  drops, back too late with a success\n"
    "  .50  declines               .81  answers after 10 s       .93  never answers\n"
    "  .51  insufficient funds     .91  drops, back in 5 s       .94  drops and has forgotten\n");
  ctl_print ("Or tell it, whatever the amount (all commands: %s sim --help):\n\n"
             "  %s sim %s hold --state-dir %s            # answer nothing unless told\n"
             "  %s sim %s answer decline --state-dir %s  # answer the payment that waits\n"
             "  %s sim %s drop 5 --state-dir %s          # lose the connection for 5 s\n",
             ctl, ctl, terminal, folder, ctl, terminal, folder, ctl, terminal, folder);
  ctl_print ("Till's key file  %s\nState folder     %s%s\nGateway's log    %s/gateway.log\n", facts->key_file,
             facts->folder, facts->temporary ? " (removed at the end)" : "", facts->folder);
  ctl_print ("Ctrl-C stops all of it. What the terminals do:\n");
}

void
sandbox_say_ready_json (const SandboxFacts *facts)
{
  TgpJsonWriter writer;
  g_autofree char *line = NULL;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "gateway", facts->url);
  tgp_json_string (&writer, "apiKeyFile", facts->key_file);
  tgp_json_open_array (&writer, "terminals");
  for (guint i = 0; i < facts->terminals->len; i++)
    {
      g_autofree char *socket = sandbox_folder_sim_file (facts->folder, facts->terminals->pdata[i], "sock");

      tgp_json_open_object (&writer, NULL);
      tgp_json_string (&writer, "terminalId", facts->terminals->pdata[i]);
      tgp_json_string (&writer, "controlSocket", socket);
      tgp_json_close_object (&writer);
    }
  tgp_json_close_array (&writer);
  tgp_json_string (&writer, "stateDir", facts->folder);
  tgp_json_close_object (&writer);
  line = tgp_json_writer_end (&writer);
  ctl_print ("%s", line);
}
