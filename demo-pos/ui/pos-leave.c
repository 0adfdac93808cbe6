/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-leave.h"

#include <glib/gi18n.h>

typedef struct
{
  void (*leave) (gpointer object);
  gpointer object;
} Leaving;

static void
on_response (AdwMessageDialog *dialog, const char *response, Leaving *leaving)
{
  if (g_str_equal (response, "leave"))
    leaving->leave (leaving->object);
}

static void
leaving_free (gpointer data, GClosure *closure)
{
  Leaving *leaving = data;

  g_object_unref (leaving->object);
  g_free (leaving);
}

gboolean
pos_leave (GtkWindow *window, PosTill *till, void (*leave) (gpointer object), gpointer object)
{
  PosEntry *open = pos_till_get_open (till);
  g_autofree char *amount = NULL;
  GtkWidget *dialog;
  Leaving *leaving;

  if (open == NULL)
    {
      leave (object);
      return TRUE;
    }
  amount = pos_entry_dup_amount_text (open);
  dialog = adw_message_dialog_new (window, _ ("A payment is open"), NULL);
  adw_message_dialog_format_body (
    ADW_MESSAGE_DIALOG (dialog),
    /* Translators: an amount, and a terminal */
    _ ("The payment of %s on %s goes on without this till. Its outcome is shown when the till is back, with "
       "this gateway and this key."),
    amount, pos_entry_get_facts (open)->terminal_id);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "stay", _ ("_Stay"), "leave", _ ("_Leave"),
                                    NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "leave", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "stay");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "stay");
  leaving = g_new0 (Leaving, 1);
  *leaving = (Leaving){ leave, g_object_ref (object) };
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), leaving, leaving_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  return FALSE;
}
