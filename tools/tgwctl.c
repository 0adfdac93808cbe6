/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the verb and runs it. */
#include <locale.h>
#include <string.h>

#include "tools/ctl.h"

static void
print_help (const char *noun)
{
  g_print (
    "Usage:\n  tgwctl VERB [OPTIONS]\n\nSpeaks to a terminal gateway: as its operator, or as a till.\n\n");
  for (gsize i = 0; i < ctl_n_verbs; i++)
    {
      const CtlVerb *verb = &ctl_verbs[i];
      g_autofree char *name = NULL;

      if (noun != NULL && g_strcmp0 (noun, verb->noun) != 0)
        continue;
      name = g_strdup_printf ("%s%s%s%s%s", verb->noun != NULL ? verb->noun : "",
                              verb->noun != NULL ? " " : "", verb->name, verb->arguments != NULL ? " " : "",
                              verb->arguments != NULL ? verb->arguments : "");
      g_print ("  %-28s  %s\n", name, verb->summary);
    }
  g_print ("\n“tgwctl VERB --help” tells more. --json prints JSON.\n"
           "Exit codes: 0 approved or done, 1 not started (trying again is safe), 2 not paid, 3 unknown,\n"
           "64 usage, 69 unreachable, 77 refused.\n"
           "\n"
           "Example:\n"
           "  tgwctl keys create --role pos --group store-1 --json > pos.key\n"
           "  tgwctl pay --terminal TERM-001 --amount 12.34 --currency EUR --api-key-file pos.key\n");
}

static gboolean
is_help (const char *word)
{
  return strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0 || strcmp (word, "help") == 0;
}

static gboolean
is_noun (const char *word)
{
  for (gsize i = 0; i < ctl_n_verbs; i++)
    if (g_strcmp0 (ctl_verbs[i].noun, word) == 0)
      return TRUE;
  return FALSE;
}

/* Where the verb is: options may stand in front of it ("tgwctl --state-dir DIR keys list"). */
static int
skip_options (int argc, char **argv)
{
  static const char *const with_value[] = { "--state-dir", "--gateway", "--api-key-file" };
  int first = 1;

  while (first < argc && argv[first][0] == '-' && !is_help (argv[first]))
    {
      for (gsize i = 0; i < G_N_ELEMENTS (with_value); i++)
        if (strcmp (argv[first], with_value[i]) == 0)
          {
            first++;
            break;
          }
      first++;
    }
  return first;
}

/* What the verb gets: the options in front of it, then all that follows. */
static GPtrArray *
arguments_of (int argc, char **argv, int first, int used)
{
  GPtrArray *arguments = g_ptr_array_new ();

  for (int i = 1; i < first; i++)
    g_ptr_array_add (arguments, argv[i]);
  for (int i = used; i < argc; i++)
    g_ptr_array_add (arguments, argv[i]);
  return arguments;
}

int
main (int argc, char **argv)
{
  const char *noun, *name;
  int first, used;

  setlocale (LC_ALL, "");
  first = skip_options (argc, argv);
  if (first >= argc)
    {
      g_printerr ("tgwctl: say what to do. See “tgwctl --help”.\n");
      return EXIT_CODE_USAGE;
    }
  if (is_help (argv[first]))
    {
      print_help (NULL);
      return EXIT_CODE_OK;
    }
  noun = is_noun (argv[first]) ? argv[first] : NULL;
  used = first + (noun != NULL ? 2 : 1);
  name = argc >= used ? argv[used - 1] : NULL;
  if (noun != NULL && name != NULL && is_help (name))
    {
      print_help (noun);
      return EXIT_CODE_OK;
    }
  for (gsize i = 0; name != NULL && i < ctl_n_verbs; i++)
    if (g_strcmp0 (ctl_verbs[i].noun, noun) == 0 && strcmp (ctl_verbs[i].name, name) == 0)
      {
        g_autoptr (GPtrArray) arguments = arguments_of (argc, argv, first, used);

        return ctl_verbs[i].run (&ctl_verbs[i], (int) arguments->len, (char **) arguments->pdata);
      }
  if (noun != NULL && name == NULL)
    g_printerr ("tgwctl: “%s” needs a verb. See “tgwctl %s --help”.\n", noun, noun);
  else
    g_printerr ("tgwctl: there is no “%s%s%s”. See “tgwctl --help”.\n", noun != NULL ? noun : "",
                noun != NULL ? " " : "", name);
  return EXIT_CODE_USAGE;
}
