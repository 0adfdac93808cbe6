/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loaded into the till by test-pages.py. On SIGUSR1 it writes down what is in the windows, as far as a screen
 * reader does not know it: where each text stands and whether it is cut, and how big each thing is that a
 * finger touches. SIGUSR2 makes the window as small as a small touch screen, and full again. */
#include <adwaita.h>
#include <gdk/x11/gdkx.h>
#include <glib-unix.h>
#include <json-glib/json-glib.h>

#define SMALL_WIDTH  1024
#define SMALL_HEIGHT 600

static void
add_rectangle (JsonBuilder *out, const char *name, const graphene_rect_t *rectangle)
{
  json_builder_set_member_name (out, name);
  json_builder_begin_array (out);
  json_builder_add_double_value (out, rectangle->origin.x);
  json_builder_add_double_value (out, rectangle->origin.y);
  json_builder_add_double_value (out, rectangle->size.width);
  json_builder_add_double_value (out, rectangle->size.height);
  json_builder_end_array (out);
}

static void
add_flag (JsonBuilder *out, const char *name, gboolean value)
{
  json_builder_set_member_name (out, name);
  json_builder_add_boolean_value (out, value);
}

static void
add_text (JsonBuilder *out, const char *name, const char *value)
{
  json_builder_set_member_name (out, name);
  json_builder_add_string_value (out, value != NULL ? value : "");
}

/* What of a rectangle its ancestors let through; whether a finger can bring the rest up. */
static graphene_rect_t
clip (GtkWidget *widget, GtkWidget *native, graphene_rect_t rectangle, gboolean *scrolls)
{
  *scrolls = FALSE;
  for (GtkWidget *up = gtk_widget_get_parent (widget); up != NULL; up = gtk_widget_get_parent (up))
    {
      graphene_rect_t bounds, shared;
      GtkPolicyType vertical = GTK_POLICY_NEVER;

      if (GTK_IS_SCROLLED_WINDOW (up))
        gtk_scrolled_window_get_policy (GTK_SCROLLED_WINDOW (up), NULL, &vertical);
      *scrolls |= vertical != GTK_POLICY_NEVER;
      if ((up == native || gtk_widget_get_overflow (up) == GTK_OVERFLOW_HIDDEN) &&
          gtk_widget_compute_bounds (up, native, &bounds))
        rectangle =
          graphene_rect_intersection (&rectangle, &bounds, &shared) ? shared : (graphene_rect_t){ 0 };
      if (up == native)
        break;
    }
  return rectangle;
}

static void
add_widget (JsonBuilder *out, GtkWidget *widget, GtkWidget *native, const char *kind, const char *text,
            const graphene_rect_t *bounds)
{
  gboolean scrolls;
  graphene_rect_t seen = clip (widget, native, *bounds, &scrolls);
  g_auto (GStrv) classes = gtk_widget_get_css_classes (widget);
  g_autofree char *joined = g_strjoinv (" ", classes);

  json_builder_begin_object (out);
  add_text (out, "kind", kind);
  add_text (out, "type", G_OBJECT_TYPE_NAME (widget));
  add_text (out, "text", text);
  add_text (out, "classes", joined);
  add_rectangle (out, "bounds", bounds);
  add_rectangle (out, "seen", &seen);
  add_flag (out, "scrolls", scrolls);
  add_flag (out, "sensitive", gtk_widget_is_sensitive (widget));
}

static void
add_label (JsonBuilder *out, GtkWidget *widget, GtkWidget *native)
{
  GtkLabel *label = GTK_LABEL (widget);
  PangoLayout *layout = gtk_label_get_layout (label);
  const PangoFontDescription *font = pango_context_get_font_description (pango_layout_get_context (layout));
  PangoRectangle logical;
  graphene_matrix_t to_native;
  graphene_rect_t text;
  int x, y;

  if (gtk_label_get_text (label)[0] == '\0')
    return;
  gtk_label_get_layout_offsets (label, &x, &y);
  pango_layout_get_pixel_extents (layout, NULL, &logical);
  if (!gtk_widget_compute_transform (widget, native, &to_native))
    return;
  text = GRAPHENE_RECT_INIT ((float) x + (float) logical.x, (float) y + (float) logical.y,
                             (float) logical.width, (float) logical.height);
  graphene_matrix_transform_bounds (&to_native, &text, &text);
  add_widget (out, widget, native, "text", gtk_label_get_text (label), &text);
  add_flag (out, "ellipsized", pango_layout_is_ellipsized (layout));
  add_flag (out, "cut",
            logical.width > gtk_widget_get_width (widget) + 1 ||
              logical.height > gtk_widget_get_height (widget) + 1);
  json_builder_set_member_name (out, "px");
  json_builder_add_double_value (out, (double) pango_font_description_get_size (font) / PANGO_SCALE);
  json_builder_end_object (out);
}

/* The row is touched, not the little box in it. */
static gboolean
row_is_touched (GtkWidget *widget)
{
  GtkWidget *row = gtk_widget_get_ancestor (widget, ADW_TYPE_ACTION_ROW);

  return row != NULL && adw_action_row_get_activatable_widget (ADW_ACTION_ROW (row)) == widget;
}

static gboolean
is_touched (GtkWidget *widget)
{
  if (GTK_IS_LIST_BOX_ROW (widget))
    return gtk_list_box_row_get_activatable (GTK_LIST_BOX_ROW (widget));
  if (GTK_IS_SWITCH (widget) || GTK_IS_CHECK_BUTTON (widget))
    return !row_is_touched (widget);
  return GTK_IS_BUTTON (widget) || GTK_IS_ENTRY (widget) || GTK_IS_SEARCH_ENTRY (widget);
}

static const char *
name_of (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget))
    return gtk_button_get_label (GTK_BUTTON (widget)) != NULL
             ? gtk_button_get_label (GTK_BUTTON (widget))
             : gtk_button_get_icon_name (GTK_BUTTON (widget));
  return ADW_IS_PREFERENCES_ROW (widget) ? adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget))
                                         : NULL;
}

static void
walk (JsonBuilder *out, GtkWidget *widget, GtkWidget *native, GPtrArray *natives)
{
  graphene_rect_t bounds;

  if (!gtk_widget_get_mapped (widget) || !gtk_widget_get_child_visible (widget))
    return;
  if (widget != native && GTK_IS_NATIVE (widget))
    {
      g_ptr_array_add (natives, widget);
      return;
    }
  if (GTK_IS_LABEL (widget))
    add_label (out, widget, native);
  else if (gtk_widget_compute_bounds (widget, native, &bounds))
    {
      if (is_touched (widget))
        {
          add_widget (out, widget, native, "touch", name_of (widget), &bounds);
          json_builder_end_object (out);
        }
      /* What is drawn on its knob is shown only where it says something. */
      if (GTK_IS_SWITCH (widget))
        return;
      if (GTK_IS_IMAGE (widget) && gtk_image_get_storage_type (GTK_IMAGE (widget)) != GTK_IMAGE_EMPTY)
        {
          add_widget (out, widget, native, "icon", gtk_image_get_icon_name (GTK_IMAGE (widget)), &bounds);
          json_builder_end_object (out);
        }
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    walk (out, child, native, natives);
}

static void
add_focus (JsonBuilder *out, GtkWidget *native)
{
  GtkWidget *focus = GTK_IS_WINDOW (native) ? gtk_window_get_focus (GTK_WINDOW (native)) : NULL;
  const char *name = focus != NULL ? name_of (focus) : NULL;

  add_text (out, "focus", name != NULL ? name : focus != NULL ? G_OBJECT_TYPE_NAME (focus) : NULL);
}

/* Where the widget's 0, 0 is on the screen. */
static void
add_place (JsonBuilder *out, GtkWidget *native)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (native));
  Display *display = gdk_x11_display_get_xdisplay (gdk_surface_get_display (surface));
  double dx, dy;
  int x = 0, y = 0;
  Window child;
  graphene_rect_t place;

  XTranslateCoordinates (display, gdk_x11_surface_get_xid (surface), DefaultRootWindow (display), 0, 0, &x,
                         &y, &child);
  gtk_native_get_surface_transform (GTK_NATIVE (native), &dx, &dy);
  place = GRAPHENE_RECT_INIT ((float) (x + dx), (float) (y + dy), (float) gtk_widget_get_width (native),
                              (float) gtk_widget_get_height (native));
  add_rectangle (out, "place", &place);
}

static void
add_native (JsonBuilder *out, GtkWidget *native)
{
  g_autoptr (GPtrArray) natives = g_ptr_array_new ();

  if (!gtk_widget_get_mapped (native))
    return;
  json_builder_begin_object (out);
  add_text (out, "type", G_OBJECT_TYPE_NAME (native));
  add_flag (out, "modal", GTK_IS_WINDOW (native) && gtk_window_get_modal (GTK_WINDOW (native)));
  add_focus (out, native);
  add_place (out, native);
  json_builder_set_member_name (out, "widgets");
  json_builder_begin_array (out);
  walk (out, native, native, natives);
  json_builder_end_array (out);
  json_builder_end_object (out);
  for (guint i = 0; i < natives->len; i++)
    add_native (out, natives->pdata[i]);
}

static gboolean
on_report (gpointer data)
{
  const char *path = g_getenv ("TGW_WIDGETS_REPORT");
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  g_autoptr (JsonBuilder) out = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  GListModel *windows = gtk_window_get_toplevels ();

  json_builder_begin_array (out);
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      add_native (out, window);
    }
  json_builder_end_array (out);
  root = json_builder_get_root (out);
  json_generator_set_root (generator, root);
  if (json_generator_to_file (generator, part, NULL))
    rename (part, path);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_resize (gpointer data)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (!ADW_IS_APPLICATION_WINDOW (window))
        continue;
      if (gtk_window_is_fullscreen (window))
        {
          gtk_window_unfullscreen (window);
          gtk_window_set_default_size (window, SMALL_WIDTH, SMALL_HEIGHT);
        }
      else
        gtk_window_fullscreen (window);
    }
  return G_SOURCE_CONTINUE;
}

__attribute__ ((constructor)) static void
begin (void)
{
  /* What the till starts is none of ours. */
  g_unsetenv ("LD_PRELOAD");
  g_unix_signal_add (SIGUSR1, on_report, NULL);
  g_unix_signal_add (SIGUSR2, on_resize, NULL);
}
