/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <locale.h>

#include "demo-pos/ui/pos-application.h"

int
main (int argc, char **argv)
{
  /* A build folder has its translations beside the program. */
  const char *folder = g_getenv ("TGW_LOCALE_DIR");
  g_autoptr (PosApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, folder != NULL ? folder : POS_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  application = pos_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
