/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-check-page.h"

#include "demo-pos/ui/pos-widgets.h"

struct _PosCheckPage
{
  AdwBin parent_instance;
  GtkWidget *what, *charged, *not_charged, *unclear, *manager, *why, *late, *problem;
  PosTill *till;
  PosEntry *entry;
  guint revision; /* what the check began with */
};

G_DEFINE_FINAL_TYPE (PosCheckPage, pos_check_page, ADW_TYPE_BIN)

static guint closed;

static char *
trimmed (GtkWidget *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

static gboolean
is_checked (GtkWidget *button)
{
  return gtk_check_button_get_active (GTK_CHECK_BUTTON (button));
}

static void
update (PosCheckPage *self)
{
  g_autofree char *manager = trimmed (self->manager), *why = trimmed (self->why);
  gboolean found = is_checked (self->charged) || is_checked (self->not_charged) || is_checked (self->unclear);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "check.record",
                                 found && manager[0] != '\0' && why[0] != '\0');
  gtk_widget_set_visible (self->problem, FALSE);
}

static void
on_back (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, closed, 0);
}

static void
on_record (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PosCheckPage *self = POS_CHECK_PAGE (widget);
  g_autofree char *manager = trimmed (self->manager), *why = trimmed (self->why);
  PosFinding finding = is_checked (self->charged)       ? POS_FINDING_CHARGED
                       : is_checked (self->not_charged) ? POS_FINDING_NOT_CHARGED
                                                        : POS_FINDING_UNCLEAR;
  g_autoptr (GError) error = NULL;

  if (pos_till_close_by_hand (self->till, self->entry, self->revision, finding, manager, why, &error))
    {
      g_signal_emit (self, closed, 0);
      return;
    }
  gtk_label_set_label (GTK_LABEL (self->problem), error->message);
  gtk_widget_set_visible (self->problem, TRUE);
}

static void
pos_check_page_dispose (GObject *object)
{
  PosCheckPage *self = POS_CHECK_PAGE (object);

  g_clear_object (&self->till);
  g_clear_object (&self->entry);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (pos_check_page_parent_class)->dispose (object);
}

static void
pos_check_page_class_init (PosCheckPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_check_page_dispose;
  closed =
    g_signal_new ("closed", POS_TYPE_CHECK_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_install_action (widget_class, "check.back", NULL, on_back);
  gtk_widget_class_install_action (widget_class, "check.record", NULL, on_record);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/terminalgateway/DemoPos/pos-check-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PosCheckPage, what);
  gtk_widget_class_bind_template_child (widget_class, PosCheckPage, charged);
  gtk_widget_class_bind_template_child (widget_class, PosCheckPage, not_charged);
  gtk_widget_class_bind_template_child (widget_class, PosCheckPage, unclear);
  gtk_widget_class_bind_template_child (widget_class, PosCheckPage, manager);
  gtk_widget_class_bind_template_child (widget_class, PosCheckPage, why);
  gtk_widget_class_bind_template_child (widget_class, PosCheckPage, late);
  gtk_widget_class_bind_template_child (widget_class, PosCheckPage, problem);
}

static void
pos_check_page_init (PosCheckPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->charged, "toggled", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->not_charged, "toggled", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->unclear, "toggled", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->manager, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->why, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
}

void
pos_check_page_begin (PosCheckPage *self, PosTill *till, PosEntry *entry)
{
  g_autofree char *amount = pos_entry_dup_amount_text (entry), *time = pos_entry_dup_time_text (entry);
  g_autofree char *what =
    pos_in_order (g_strdup_printf ("%s · %s · %s", amount, pos_entry_get_facts (entry)->terminal_id, time));

  g_set_object (&self->till, till);
  g_set_object (&self->entry, entry);
  self->revision = pos_entry_get_revision (entry);
  pos_label_set (self->late, pos_words_late (pos_entry_get_facts (entry)));
  gtk_label_set_label (GTK_LABEL (self->what), what);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->charged), FALSE);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->not_charged), FALSE);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->unclear), FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->manager), "");
  gtk_editable_set_text (GTK_EDITABLE (self->why), "");
  update (self);
}
