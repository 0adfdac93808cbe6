/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A till that is killed all the time: it takes payments on all its terminals, writes each outcome to its own
 * book, durably, and acknowledges it then. It stands on the public library only.
 *
 *   test-till URL KEY_FILE FOLDER SEED LIMIT TERMINAL…
 *
 * FOLDER/book: “ID REVISION KIND OUTCOME MONEY”, each line synced. FOLDER/log: what it does, for the check.
 * Ends when LIMIT payments were begun, over all runs, and nothing is unclaimed. */
#include <fcntl.h>
#include <libtgwclient/tgwclient.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_AGAIN_MS 10

typedef struct
{
  TgwClient *client;
  GMainLoop *loop;
  GRand *random;
  GHashTable *booked; /* “ID REVISION” */
  int book, log;
  guint limit, begun, at_work;
  gboolean leaving;
} Till;

typedef struct
{
  Till *till;
  const char *terminal_id;
  char *id; /* of the payment under way */
} Lane;

static void look_again (Lane *lane, guint ms);

static void put (int file, gboolean durable, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* One write a line: a kill leaves whole ones. */
static void
put (int file, gboolean durable, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (write (file, line, strlen (line)) != (ssize_t) strlen (line) || (durable && fsync (file) != 0))
    g_error ("the till's own files cannot be written");
}

static const char *
nick_of (GType type, int value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);

  return g_enum_get_value (klass, value)->value_nick;
}

static gboolean
is_done (Till *self)
{
  return self->at_work == 0 && self->begun >= self->limit &&
         g_list_model_get_n_items (tgw_client_get_unclaimed (self->client)) == 0;
}

static gboolean on_end_time (gpointer till);

/* The answer comes after everything that the gateway had to say, and after it has heard every ack. */
static void
on_refreshed (GObject *source, GAsyncResult *result, gpointer data)
{
  Till *self = data;

  self->leaving = FALSE;
  if (!tgw_client_refresh_finish (self->client, result, NULL))
    g_timeout_add (LOOK_AGAIN_MS, on_end_time, self);
  else if (is_done (self))
    g_main_loop_quit (self->loop);
}

static void
end_if_done (Till *self)
{
  if (self->leaving || !is_done (self))
    return;
  self->leaving = TRUE;
  tgw_client_refresh_async (self->client, NULL, on_refreshed, self);
}

static gboolean
on_end_time (gpointer data)
{
  end_if_done (data);
  return G_SOURCE_REMOVE;
}

/* --- outcomes --- */

static void
on_news (Till *self, TgwPayment *payment, const char *kind)
{
  const char *id = tgw_payment_get_transaction_id (payment);
  guint revision = tgw_payment_get_revision (payment);
  g_autofree char *name = g_strdup_printf ("%s %u", id, revision);
  g_autoptr (GError) error = NULL;

  put (self->log, FALSE, "told %s %s %s\n", name, kind,
       nick_of (TGW_TYPE_RECOVERY, (int) tgw_payment_get_recovered_from (payment)));
  if (g_hash_table_add (self->booked, g_strdup (name)))
    put (
      self->book, TRUE, "%s %s %s %s\n", name, kind,
      nick_of (TGW_TYPE_OUTCOME, (int) tgw_payment_get_outcome (payment)),
      nick_of (TGW_TYPE_MONEY_MOVED, (int) tgw_verdict_get_money_moved (tgw_payment_get_verdict (payment))));
  if (!tgw_client_acknowledge (self->client, payment, revision, &error))
    g_error ("%s", error->message);
  put (self->log, FALSE, "acknowledged %s\n", name);
}

static void
on_completed (TgwClient *client, TgwPayment *payment, Till *self)
{
  on_news (self, payment, "completed");
  /* Some come back with their goods. */
  if (tgw_payment_get_outcome (payment) == TGW_OUTCOME_APPROVED &&
      g_rand_int_range (self->random, 0, 10) == 0)
    tgw_client_void_async (client, tgw_payment_get_transaction_id (payment), NULL, NULL, NULL);
}

static void
on_voided (TgwClient *client, TgwPayment *payment, Till *self)
{
  on_news (self, payment, "voided");
}

static void
on_void_confirmed (TgwClient *client, TgwPayment *payment, Till *self)
{
  on_news (self, payment, "void-confirmed");
}

static void
on_void_failed (TgwClient *client, TgwPayment *payment, Till *self)
{
  on_news (self, payment, "void-failed");
}

static void
on_conflict (TgwClient *client, TgwPayment *payment, Till *self)
{
  on_news (self, payment, "conflict");
}

static void
on_started (TgwClient *client, TgwPayment *payment, Till *self)
{
  put (self->log, FALSE, "started %s\n", tgw_payment_get_transaction_id (payment));
}

/* --- payments --- */

static char *
amount_of (GRand *random)
{
  /* Approved, mostly; with every trouble that ends within a second or two. */
  static const char *const cents[] = { "00", "07", "12", "23", "31", "42", "45", "49", "50", "51",
                                       "80", "90", "91", "92", "95", "96", "96", "00", "00", "00" };

  return g_strdup_printf ("%d.%s", g_rand_int_range (random, 1, 500),
                          cents[g_rand_int_range (random, 0, G_N_ELEMENTS (cents))]);
}

static gboolean
is_free (Till *self, const char *terminal_id)
{
  GListModel *terminals = tgw_client_get_terminals (self->client);

  for (guint i = 0; i < g_list_model_get_n_items (terminals); i++)
    {
      g_autoptr (TgwTerminal) terminal = g_list_model_get_item (terminals, i);

      if (strcmp (tgw_terminal_get_terminal_id (terminal), terminal_id) == 0)
        return tgw_terminal_get_status (terminal) == TGW_TERMINAL_STATUS_ONLINE &&
               !tgw_terminal_get_busy (terminal);
    }
  return FALSE;
}

static void
on_paid (GObject *source, GAsyncResult *result, gpointer data)
{
  Lane *lane = data;
  Till *self = lane->till;
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPayment) payment = tgw_client_pay_finish (self->client, result, &error);

  if (payment == NULL)
    put (self->log, FALSE, "unsent %s %s\n", lane->id, tgw_error_code_name (error));
  g_clear_pointer (&lane->id, g_free);
  self->at_work--;
  look_again (lane, (guint) g_rand_int_range (self->random, 0, 10));
}

static gboolean
on_look (gpointer data)
{
  Lane *lane = data;
  Till *self = lane->till;
  g_autofree char *amount = NULL;
  g_autoptr (TgwPaymentRequest) request = NULL;

  if (self->begun >= self->limit)
    {
      end_if_done (self);
      return G_SOURCE_REMOVE;
    }
  if (tgw_client_get_state (self->client) != TGW_CLIENT_STATE_CONNECTED || !is_free (self, lane->terminal_id))
    {
      look_again (lane, LOOK_AGAIN_MS);
      return G_SOURCE_REMOVE;
    }
  amount = amount_of (self->random);
  request = tgw_payment_request_new_from_text (amount, "EUR", NULL);
  lane->id = g_strdup_printf ("p-%u", ++self->begun);
  self->at_work++;
  tgw_payment_request_set_transaction_id (request, lane->id, NULL);
  put (self->log, FALSE, "begun %s %s\n", lane->id, amount);
  tgw_client_pay_async (self->client, lane->terminal_id, request, NULL, on_paid, lane);
  return G_SOURCE_REMOVE;
}

static void
look_again (Lane *lane, guint ms)
{
  g_timeout_add (ms, on_look, lane);
}

/* --- from run to run --- */

static int
open_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int file = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

  if (file < 0)
    g_error ("%s cannot be opened", path);
  return file;
}

static char **
read_lines (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL), *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return g_new0 (char *, 1);
  return g_strsplit (text, "\n", -1);
}

static void
remember (Till *self, const char *folder)
{
  g_auto (GStrv) book = read_lines (folder, "book"), log = read_lines (folder, "log");

  for (guint i = 0; book[i] != NULL && book[i][0] != '\0'; i++)
    {
      g_auto (GStrv) words = g_strsplit (book[i], " ", 3);

      g_hash_table_add (self->booked, g_strdup_printf ("%s %s", words[0], words[1]));
    }
  for (guint i = 0; log[i] != NULL; i++)
    self->begun += g_str_has_prefix (log[i], "begun ") ? 1 : 0;
  self->book = open_file (folder, "book");
  self->log = open_file (folder, "log");
}

int
main (int argc, char **argv)
{
  Till till = { 0 };
  g_autoptr (GPtrArray) lanes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  if (argc < 7)
    g_error ("URL KEY_FILE FOLDER SEED LIMIT TERMINAL…");
  till.client = tgw_client_new_from_key_file (argv[1], argv[2], &error);
  if (till.client == NULL)
    g_error ("%s", error->message);
  till.loop = g_main_loop_new (NULL, FALSE);
  till.random = g_rand_new_with_seed ((guint32) strtoul (argv[4], NULL, 10));
  till.limit = (guint) strtoul (argv[5], NULL, 10);
  till.booked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  remember (&till, argv[3]);
  put (till.log, FALSE, "run\n");

  g_signal_connect (till.client, "payment-started", G_CALLBACK (on_started), &till);
  g_signal_connect (till.client, "payment-completed", G_CALLBACK (on_completed), &till);
  g_signal_connect (till.client, "payment-voided", G_CALLBACK (on_voided), &till);
  g_signal_connect (till.client, "payment-void-confirmed", G_CALLBACK (on_void_confirmed), &till);
  g_signal_connect (till.client, "payment-void-failed", G_CALLBACK (on_void_failed), &till);
  g_signal_connect (till.client, "payment-conflict", G_CALLBACK (on_conflict), &till);
  g_signal_connect_swapped (tgw_client_get_unclaimed (till.client), "items-changed", G_CALLBACK (end_if_done),
                            &till);
  tgw_client_connect_async (till.client, NULL, NULL, NULL);
  for (int i = 6; i < argc; i++)
    {
      Lane *lane = g_new0 (Lane, 1);

      lane->till = &till;
      lane->terminal_id = argv[i];
      g_ptr_array_add (lanes, lane);
      look_again (lane, 0);
    }
  g_main_loop_run (till.loop);
  put (till.log, FALSE, "done\n");

  g_object_unref (till.client);
  g_hash_table_unref (till.booked);
  g_rand_free (till.random);
  g_main_loop_unref (till.loop);
  close (till.book);
  close (till.log);
  return EXIT_SUCCESS;
}
