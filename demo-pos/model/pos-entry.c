/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-entry.h"

#include <glib/gi18n.h>
#include <langinfo.h>
#include <string.h>

#include "demo-pos/model/pos-money.h"

/* One of many: the object is made when somebody looks at the timeline. */
typedef struct
{
  gint64 at;
  char *text; /* a GRefString that all payments share */
} Moment;

struct _PosMoment
{
  GObject parent_instance;
  gint64 at;
  char *text;
};

G_DEFINE_FINAL_TYPE (PosMoment, pos_moment, G_TYPE_OBJECT)

struct _PosEntry
{
  GObject parent_instance;

  char *id;
  gint64 started_at;
  gint64 updated_at;
  gint64 recovered_at;
  PosFacts facts;
  TgwPayment *payment;
  gboolean unseen;
  guint printed;
  GArray *moments;      /* of Moment */
  GListStore *timeline; /* the same; NULL: nobody has looked yet */
  gint64 order;
  char *search_text; /* NULL: not made, or what it was made of has changed */
};

enum
{
  PROP_ID = 1,
  PROP_KIND,
  PROP_TITLE,
  PROP_BODY,
  PROP_ADVICE,
  PROP_WORD,
  PROP_ICON,
  PROP_AMOUNT_TEXT,
  PROP_TERMINAL_ID,
  PROP_TIME_TEXT,
  PROP_NEEDS_ATTENTION,
  PROP_UNSEEN,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PosEntry, pos_entry, G_TYPE_OBJECT)

/* As the locale writes it; some name the time zone each time, which nobody in a shop asks for. */
static const char *
clock_format (void)
{
  return strstr (nl_langinfo (T_FMT), "%Z") != NULL ? "%T" : "%X";
}

char *
pos_date_time_text (gint64 at)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (at / 1000);
  g_autofree char *format = g_strdup_printf ("%%x, %s", clock_format ());

  return at > 0 && time != NULL ? g_date_time_format (time, format) : g_strdup ("");
}

char *
pos_time_text (gint64 at)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (at / 1000);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  int y, m, d, y_now, m_now, d_now;

  if (at <= 0 || time == NULL)
    return g_strdup ("");
  g_date_time_get_ymd (time, &y, &m, &d);
  g_date_time_get_ymd (now, &y_now, &m_now, &d_now);
  return y == y_now && m == m_now && d == d_now ? g_date_time_format (time, clock_format ())
                                                : pos_date_time_text (at);
}

/* --- moments --- */

static void
pos_moment_finalize (GObject *object)
{
  g_free (POS_MOMENT (object)->text);
  G_OBJECT_CLASS (pos_moment_parent_class)->finalize (object);
}

static void
pos_moment_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PosMoment *self = POS_MOMENT (object);

  if (id == 1)
    g_value_take_string (value, pos_time_text (self->at));
  else
    g_value_set_string (value, self->text);
}

static void
pos_moment_class_init (PosMomentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = pos_moment_finalize;
  object_class->get_property = pos_moment_get_property;
  g_object_class_install_property (
    object_class, 1,
    g_param_spec_string ("time", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (
    object_class, 2,
    g_param_spec_string ("text", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
pos_moment_init (PosMoment *self)
{
}

static char *
describe (PosMark mark, const PosFacts *facts)
{
  switch (mark)
    {
    case POS_MARK_SENT:
      return g_strdup (_ ("Sent to the gateway"));
    case POS_MARK_CANCEL:
      return g_strdup (_ ("Cancel asked for at this till"));
    case POS_MARK_VOID:
      return g_strdup (_ ("Reversal asked for at this till"));
    case POS_MARK_SEEN:
      return g_strdup (_ ("Seen by the cashier"));
    case POS_MARK_BY_HAND:
      return g_strdup_printf (_ ("Closed by hand: %s"), facts->by_hand);
    case POS_MARK_PRINTED:
      return g_strdup (_ ("Receipt made"));
    case POS_MARK_STATE:
    case POS_N_MARKS:
    default:
      break;
    }
  if (pos_kind_is_open (pos_kind_of (facts)))
    return g_strdup (pos_words_stage (facts));
  return g_strdup (pos_words_title (facts));
}

static void
moment_clear (gpointer moment)
{
  g_ref_string_release (((Moment *) moment)->text);
}

static void
list_moment (PosEntry *self, const Moment *moment)
{
  g_autoptr (PosMoment) item = g_object_new (POS_TYPE_MOMENT, NULL);

  item->at = moment->at;
  item->text = g_strdup (moment->text);
  g_list_store_append (self->timeline, item);
}

static void
add_moment (PosEntry *self, PosMark mark, gint64 at, const PosFacts *facts)
{
  g_autofree char *text = describe (mark, facts);
  guint n = self->moments->len;
  Moment moment = { at, NULL };

  if (n > 0 && mark == POS_MARK_STATE &&
      strcmp (g_array_index (self->moments, Moment, n - 1).text, text) == 0)
    return;
  moment.text = g_ref_string_new_intern (text);
  g_array_append_val (self->moments, moment);
  if (self->timeline != NULL)
    list_moment (self, &moment);
}

/* --- entries --- */

static void
pos_entry_finalize (GObject *object)
{
  PosEntry *self = POS_ENTRY (object);

  g_free (self->id);
  g_free (self->search_text);
  pos_facts_clear (&self->facts);
  g_clear_object (&self->payment);
  g_array_unref (self->moments);
  g_clear_object (&self->timeline);
  G_OBJECT_CLASS (pos_entry_parent_class)->finalize (object);
}

static void
pos_entry_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PosEntry *self = POS_ENTRY (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_KIND:
      g_value_set_uint (value, pos_entry_get_kind (self));
      break;
    case PROP_TITLE:
      g_value_set_string (value, pos_words_title (&self->facts));
      break;
    case PROP_BODY:
      g_value_take_string (value, pos_words_body (&self->facts));
      break;
    case PROP_ADVICE:
      g_value_take_string (value, pos_words_advice (&self->facts));
      break;
    case PROP_WORD:
      g_value_set_string (value, pos_kind_word (pos_entry_get_kind (self)));
      break;
    case PROP_ICON:
      g_value_set_string (value, pos_kind_icon (pos_entry_get_kind (self)));
      break;
    case PROP_AMOUNT_TEXT:
      g_value_take_string (value, pos_entry_dup_amount_text (self));
      break;
    case PROP_TERMINAL_ID:
      g_value_set_string (value, self->facts.terminal_id);
      break;
    case PROP_TIME_TEXT:
      g_value_take_string (value, pos_entry_dup_time_text (self));
      break;
    case PROP_NEEDS_ATTENTION:
      g_value_set_boolean (value, pos_entry_get_needs_attention (self));
      break;
    case PROP_UNSEEN:
      g_value_set_boolean (value, self->unseen);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
pos_entry_class_init (PosEntryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  static const struct
  {
    guint id;
    const char *name;
  } strings[] = {
    { PROP_ID, "id" },
    { PROP_TITLE, "title" },
    { PROP_BODY, "body" },
    { PROP_ADVICE, "advice" },
    { PROP_WORD, "word" },
    { PROP_ICON, "icon" },
    { PROP_AMOUNT_TEXT, "amount-text" },
    { PROP_TERMINAL_ID, "terminal-id" },
    { PROP_TIME_TEXT, "time-text" },
  };
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = pos_entry_finalize;
  object_class->get_property = pos_entry_get_property;
  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    properties[strings[i].id] = g_param_spec_string (strings[i].name, NULL, NULL, NULL, flags);
  properties[PROP_KIND] = g_param_spec_uint ("kind", NULL, NULL, 0, POS_N_KINDS, 0, flags);
  properties[PROP_NEEDS_ATTENTION] = g_param_spec_boolean ("needs-attention", NULL, NULL, FALSE, flags);
  properties[PROP_UNSEEN] = g_param_spec_boolean ("unseen", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
pos_entry_init (PosEntry *self)
{
  self->moments = g_array_new (FALSE, FALSE, sizeof (Moment));
  g_array_set_clear_func (self->moments, moment_clear);
}

PosEntry *
pos_entry_new (const char *id, gint64 started_at)
{
  PosEntry *self = g_object_new (POS_TYPE_ENTRY, NULL);

  self->id = g_strdup (id);
  self->started_at = self->updated_at = started_at;
  return self;
}

const char *
pos_entry_get_id (PosEntry *self)
{
  return self->id;
}

const PosFacts *
pos_entry_get_facts (PosEntry *self)
{
  return &self->facts;
}

PosKind
pos_entry_get_kind (PosEntry *self)
{
  return pos_kind_of (&self->facts);
}

gint64
pos_entry_get_started_at (PosEntry *self)
{
  return self->started_at;
}

gint64
pos_entry_get_updated_at (PosEntry *self)
{
  return self->updated_at;
}

gint64
pos_entry_get_recovered_at (PosEntry *self)
{
  return self->recovered_at;
}

gboolean
pos_entry_get_needs_attention (PosEntry *self)
{
  return self->unseen || pos_kind_needs_attention (pos_entry_get_kind (self));
}

gboolean
pos_entry_get_unseen (PosEntry *self)
{
  return self->unseen;
}

guint
pos_entry_get_printed (PosEntry *self)
{
  return self->printed;
}

GListModel *
pos_entry_get_timeline (PosEntry *self)
{
  if (self->timeline == NULL)
    {
      self->timeline = g_list_store_new (POS_TYPE_MOMENT);
      for (guint i = 0; i < self->moments->len; i++)
        list_moment (self, &g_array_index (self->moments, Moment, i));
    }
  return G_LIST_MODEL (self->timeline);
}

TgwPayment *
pos_entry_get_payment (PosEntry *self)
{
  return self->payment;
}

guint
pos_entry_get_revision (PosEntry *self)
{
  return self->payment != NULL ? tgw_payment_get_revision (self->payment) : 0;
}

char *
pos_entry_dup_amount_text (PosEntry *self)
{
  return pos_money_format (self->facts.amount, self->facts.currency);
}

char *
pos_entry_dup_time_text (PosEntry *self)
{
  return pos_time_text (self->started_at);
}

gint64
pos_entry_get_order (PosEntry *self)
{
  return self->order;
}

void
pos_entry_set_order (PosEntry *self, gint64 order)
{
  self->order = order;
}

void
pos_entry_prepare_search (PosEntry *self)
{
  const PosFacts *facts = &self->facts;
  g_autofree char *amount = pos_entry_dup_amount_text (self), *text = NULL;

  if (self->search_text != NULL)
    return;
  text = g_strjoin ("\n", self->id, pos_kind_word (pos_entry_get_kind (self)), amount,
                    facts->terminal_id != NULL ? facts->terminal_id : "", facts->authorization_code, NULL);
  self->search_text = g_utf8_casefold (text, -1);
}

gboolean
pos_entry_matches (PosEntry *self, const char *folded)
{
  pos_entry_prepare_search (self);
  return strstr (self->search_text, folded) != NULL;
}

char *
pos_entry_dup_reference (PosEntry *self)
{
  g_autofree char *amount = pos_entry_dup_amount_text (self), *time = pos_date_time_text (self->started_at);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, _ ("Payment: %s"), self->id);
  g_string_append_c (text, '\n');
  g_string_append_printf (text, _ ("Amount: %s"), amount);
  g_string_append_c (text, '\n');
  g_string_append_printf (text, _ ("Terminal: %s"), self->facts.terminal_id);
  g_string_append_c (text, '\n');
  g_string_append_printf (text, _ ("Time: %s"), time);
  if (self->facts.authorization_code != NULL)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, _ ("Authorisation: %s"), self->facts.authorization_code);
    }
  if (self->facts.error_code != NULL)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, _ ("Code: %s"), self->facts.error_code);
    }
  return g_string_free (text, FALSE);
}

void
pos_entry_set_payment (PosEntry *self, TgwPayment *payment)
{
  if (g_set_object (&self->payment, payment) && payment != NULL)
    {
      g_autoptr (GDateTime) started = tgw_payment_dup_started_at (payment);

      /* Who was heard of first in an outcome was not started now. */
      self->started_at = MIN (self->started_at, g_date_time_to_unix (started) * 1000);
    }
}

static void
take (PosEntry *self, PosMark mark, gint64 at, PosFacts *facts)
{
  pos_facts_clear (&self->facts);
  self->facts = *facts;
  *facts = (PosFacts){ 0 };
  self->updated_at = at;
  g_clear_pointer (&self->search_text, g_free);
  if (mark == POS_MARK_PRINTED)
    self->printed++;
  add_moment (self, mark, at, &self->facts);
}

void
pos_entry_load (PosEntry *self, PosMark mark, gint64 at, PosFacts *facts)
{
  take (self, mark, at, facts);
}

void
pos_entry_mark (PosEntry *self, PosMark mark, gint64 at, const PosFacts *facts)
{
  g_autoptr (GHashTable) before = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  static const guint watched[] = { PROP_TITLE, PROP_BODY, PROP_ADVICE, PROP_AMOUNT_TEXT, PROP_TERMINAL_ID };
  PosKind kind = pos_entry_get_kind (self);
  gboolean attention = pos_entry_get_needs_attention (self);
  g_auto (PosFacts) copy = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (watched); i++)
    {
      char *text;

      g_object_get (self, properties[watched[i]]->name, &text, NULL);
      g_hash_table_insert (before, GUINT_TO_POINTER (watched[i]), text);
    }
  g_object_freeze_notify (G_OBJECT (self));
  pos_facts_copy (&copy, facts);
  take (self, mark, at, &copy);
  for (gsize i = 0; i < G_N_ELEMENTS (watched); i++)
    {
      g_autofree char *text = NULL;

      g_object_get (self, properties[watched[i]]->name, &text, NULL);
      if (g_strcmp0 (text, g_hash_table_lookup (before, GUINT_TO_POINTER (watched[i]))) != 0)
        g_object_notify_by_pspec (G_OBJECT (self), properties[watched[i]]);
    }
  if (kind != pos_entry_get_kind (self))
    {
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_KIND]);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WORD]);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ICON]);
    }
  if (attention != pos_entry_get_needs_attention (self))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NEEDS_ATTENTION]);
  g_object_thaw_notify (G_OBJECT (self));
}

void
pos_entry_set_unseen (PosEntry *self, gboolean unseen)
{
  gboolean attention = pos_entry_get_needs_attention (self);

  if (self->unseen == unseen)
    return;
  self->unseen = unseen;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNSEEN]);
  if (attention != pos_entry_get_needs_attention (self))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NEEDS_ATTENTION]);
}

void
pos_entry_set_recovered_at (PosEntry *self, gint64 at)
{
  self->recovered_at = at;
}
