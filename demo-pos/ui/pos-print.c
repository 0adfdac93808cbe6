/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-print.h"

#include <glib/gi18n.h>

#include "demo-pos/model/pos-receipt.h"

#define WIDTH 204.0 /* 72 mm in points, what fits on a roll of 80 mm */

#define MARGIN 4.0 /* mm */
#define SPARE  6.0 /* points, for what a printer rounds */

typedef struct
{
  PosTill *till;
  PosEntry *entry;
  GPtrArray *lines; /* of PosReceiptLine */
  GArray *pages;    /* guint: where each begins */
} Job;

/* What is measured or drawn on. */
typedef struct
{
  PangoContext *pango;
  cairo_t *cr; /* NULL: only measured */
} Canvas;

static void
job_free (gpointer data, GClosure *closure)
{
  Job *job = data;

  g_object_unref (job->till);
  g_object_unref (job->entry);
  g_ptr_array_unref (job->lines);
  g_array_unref (job->pages);
  g_free (job);
}

static PangoLayout *
layout_new (const Canvas *canvas, const char *text, PosReceiptStyle style, PangoAlignment alignment,
            double width)
{
  PangoLayout *layout = pango_layout_new (canvas->pango);
  const char *font = style == POS_RECEIPT_TITLE    ? "Sans Bold 12"
                     : style == POS_RECEIPT_NOTICE ? "Sans Bold 11"
                     : style == POS_RECEIPT_TOTAL  ? "Sans Bold 11"
                     : style == POS_RECEIPT_NOTE   ? "Sans 7"
                                                   : "Sans 9";
  PangoFontDescription *description = pango_font_description_from_string (font);
  gboolean mirrored = gtk_widget_get_default_direction () == GTK_TEXT_DIR_RTL;

  /* All of a receipt runs one way, an amount as well as a word: nothing is guessed from what a text begins
   * with. */
  pango_context_set_base_dir (pango_layout_get_context (layout),
                              mirrored ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
  pango_layout_set_auto_dir (layout, style == POS_RECEIPT_NOTICE || style == POS_RECEIPT_NOTE);
  pango_layout_set_font_description (layout, description);
  pango_font_description_free (description);
  pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment (layout, alignment);
  pango_layout_set_text (layout, text, -1);
  return layout;
}

static double
height_of (PangoLayout *layout)
{
  int height;

  pango_layout_get_size (layout, NULL, &height);
  return (double) height / PANGO_SCALE;
}

static void
show_layout (const Canvas *canvas, PangoLayout *layout, double x, double y)
{
  if (canvas->cr == NULL)
    return;
  cairo_move_to (canvas->cr, x, y);
  pango_cairo_show_layout (canvas->cr, layout);
}

/* Where it begins: at the left, or at the right in a language that begins there. */
static double
draw_side (const Canvas *canvas, const PosReceiptLine *line, const char *text, gboolean at_left, double width,
           double y)
{
  g_autoptr (PangoLayout) layout =
    layout_new (canvas, text, line->style, at_left ? PANGO_ALIGN_LEFT : PANGO_ALIGN_RIGHT, width);

  show_layout (canvas, layout, at_left ? 0 : WIDTH - width, y);
  return height_of (layout);
}

/* How high it is. */
static double
draw_line (const Canvas *canvas, const PosReceiptLine *line, double y)
{
  gboolean begins_left = gtk_widget_get_default_direction () != GTK_TEXT_DIR_RTL;
  g_autoptr (PangoLayout) middle = NULL;
  double left, right;

  if (line->style == POS_RECEIPT_RULE)
    {
      if (canvas->cr != NULL)
        {
          cairo_set_line_width (canvas->cr, 0.5);
          cairo_move_to (canvas->cr, 0, y + 4);
          cairo_line_to (canvas->cr, WIDTH, y + 4);
          cairo_stroke (canvas->cr);
        }
      return 8;
    }
  if (line->style == POS_RECEIPT_PAIR || line->style == POS_RECEIPT_TOTAL)
    {
      left = draw_side (canvas, line, line->left, begins_left, WIDTH * 0.55, y);
      right = draw_side (canvas, line, line->right, !begins_left, WIDTH * 0.45, y);
      return MAX (left, right) + 3;
    }
  middle = layout_new (canvas, line->left, line->style, PANGO_ALIGN_CENTER, WIDTH);
  show_layout (canvas, middle, 0, y);
  return height_of (middle) + (line->style == POS_RECEIPT_NOTE ? 1 : 3);
}

static Canvas
canvas_of (GtkPrintContext *context)
{
  return (Canvas){ gtk_print_context_create_pango_context (context),
                   gtk_print_context_get_cairo_context (context) };
}

/* A long note can then go on with the next page. */
static GPtrArray *
one_by_one (GPtrArray *lines)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) pos_receipt_line_free);

  for (guint i = 0; i < lines->len; i++)
    {
      const PosReceiptLine *line = lines->pdata[i];
      g_auto (GStrv) parts = g_strsplit (line->left, "\n", -1);

      if (line->style != POS_RECEIPT_NOTE)
        g_ptr_array_add (all, pos_receipt_line_new (line->style, line->left, line->right));
      for (guint j = 0; line->style == POS_RECEIPT_NOTE && parts[j] != NULL; j++)
        g_ptr_array_add (all, pos_receipt_line_new (line->style, parts[j], NULL));
    }
  return all;
}

/* In points. */
static double
whole_height (GPtrArray *lines)
{
  Canvas canvas = { pango_font_map_create_context (pango_cairo_font_map_get_default ()), NULL };
  double height = 0;

  pango_cairo_context_set_resolution (canvas.pango, 72);
  for (guint i = 0; i < lines->len; i++)
    height += draw_line (&canvas, lines->pdata[i], height);
  g_object_unref (canvas.pango);
  return height;
}

/* A roll is as long as the receipt; on sheets it takes as many as it needs. */
static void
on_begin (GtkPrintOperation *operation, GtkPrintContext *context, Job *job)
{
  Canvas canvas = { gtk_print_context_create_pango_context (context), NULL };
  double room = gtk_print_context_get_height (context), y = 0;
  guint first = 0;

  g_array_set_size (job->pages, 0);
  g_array_append_val (job->pages, first);
  for (guint i = 0; i < job->lines->len; i++)
    {
      double height = draw_line (&canvas, job->lines->pdata[i], 0);

      if (y > 0 && y + height > room)
        {
          g_array_append_val (job->pages, i);
          y = 0;
        }
      y += height;
    }
  g_object_unref (canvas.pango);
  gtk_print_operation_set_n_pages (operation, (int) job->pages->len);
}

static void
on_draw_page (GtkPrintOperation *operation, GtkPrintContext *context, int page, Job *job)
{
  Canvas canvas = canvas_of (context);
  guint from = g_array_index (job->pages, guint, page);
  guint end =
    (guint) page + 1 < job->pages->len ? g_array_index (job->pages, guint, page + 1) : job->lines->len;
  double y = 0;

  for (guint i = from; i < end; i++)
    y += draw_line (&canvas, job->lines->pdata[i], y);
  g_object_unref (canvas.pango);
}

static void
on_done (GtkPrintOperation *operation, GtkPrintOperationResult result, Job *job)
{
  /* What follows is a copy. */
  if (result == GTK_PRINT_OPERATION_RESULT_APPLY)
    pos_till_printed (job->till, job->entry);
}

static GtkPrintOperation *
operation_new (PosTill *till, PosEntry *entry, const char *store)
{
  GtkPrintOperation *operation = gtk_print_operation_new ();
  g_autoptr (GtkPageSetup) setup = gtk_page_setup_new ();
  g_autoptr (GPtrArray) receipt = pos_receipt_new (entry, store, pos_entry_get_printed (entry) > 0);
  g_autoptr (GtkPaperSize) paper = NULL;
  Job *job = g_new0 (Job, 1);

  job->till = g_object_ref (till);
  job->entry = g_object_ref (entry);
  job->lines = one_by_one (receipt);
  job->pages = g_array_new (FALSE, FALSE, sizeof (guint));
  paper = gtk_paper_size_new_custom (
    "receipt", _ ("Receipt"), 80, 2 * MARGIN + (whole_height (job->lines) + SPARE) * 25.4 / 72, GTK_UNIT_MM);
  gtk_page_setup_set_paper_size (setup, paper);
  gtk_page_setup_set_left_margin (setup, MARGIN, GTK_UNIT_MM);
  gtk_page_setup_set_right_margin (setup, MARGIN, GTK_UNIT_MM);
  gtk_page_setup_set_top_margin (setup, MARGIN, GTK_UNIT_MM);
  gtk_page_setup_set_bottom_margin (setup, MARGIN, GTK_UNIT_MM);
  gtk_print_operation_set_default_page_setup (operation, setup);
  gtk_print_operation_set_unit (operation, GTK_UNIT_POINTS);
  gtk_print_operation_set_job_name (operation, pos_entry_get_id (entry));
  g_signal_connect_data (operation, "draw-page", G_CALLBACK (on_draw_page), job, job_free, 0);
  g_signal_connect (operation, "begin-print", G_CALLBACK (on_begin), job);
  g_signal_connect (operation, "done", G_CALLBACK (on_done), job);
  return operation;
}

static void
say (GtkWindow *window, const GError *error)
{
  GtkWidget *dialog = adw_message_dialog_new (window, _ ("The receipt could not be made"), error->message);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

void
pos_print_receipt (GtkWindow *window, PosTill *till, PosEntry *entry, const char *store)
{
  g_autoptr (GtkPrintOperation) operation = operation_new (till, entry, store);
  g_autoptr (GError) error = NULL;

  gtk_print_operation_set_allow_async (operation, TRUE);
  if (gtk_print_operation_run (operation, GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG, window, &error) ==
      GTK_PRINT_OPERATION_RESULT_ERROR)
    say (window, error);
}

gboolean
pos_print_export (const char *path, PosTill *till, PosEntry *entry, const char *store, GError **error)
{
  g_autoptr (GtkPrintOperation) operation = operation_new (till, entry, store);

  gtk_print_operation_set_export_filename (operation, path);
  return gtk_print_operation_run (operation, GTK_PRINT_OPERATION_ACTION_EXPORT, NULL, error) !=
         GTK_PRINT_OPERATION_RESULT_ERROR;
}

typedef struct
{
  GtkWindow *window; /* not owned: the dialogue is transient for it */
  PosTill *till;
  PosEntry *entry;
  char *store;
} Saving;

static void
on_chosen (GtkNativeDialog *dialog, int response, Saving *saving)
{
  g_autoptr (GFile) file =
    response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  g_autoptr (GError) error = NULL;

  if (path != NULL && !pos_print_export (path, saving->till, saving->entry, saving->store, &error))
    say (saving->window, error);
  g_object_unref (saving->till);
  g_object_unref (saving->entry);
  g_free (saving->store);
  g_free (saving);
  g_object_unref (dialog);
}

void
pos_print_save (GtkWindow *window, PosTill *till, PosEntry *entry, const char *store)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
    _ ("Save the receipt"), window, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));
  g_autofree char *name = g_strdup_printf ("%s.pdf", pos_entry_get_id (entry));
  Saving *saving = g_new0 (Saving, 1);

  *saving = (Saving){ window, g_object_ref (till), g_object_ref (entry), g_strdup (store) };
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (on_chosen), saving);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}
