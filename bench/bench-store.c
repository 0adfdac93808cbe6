/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a payment costs in the store: CPU and wall time of its three operations (pay, result, ack) in batches,
 * the longest commits, the size of the log, and beside them what the disk can do. */
#include "gateway/core/operation.h"
#include "gateway/store/memory-tables.h"
#include "gateway/store/sqlite-tables.h"
#include "protocol/id.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int n_payments = 100000;
static int n_terminals = 1000;
static int n_groups = 1;
static int batch_size = 100;
static gboolean use_memory;
static gboolean random_ids;
static char *directory;

static const GOptionEntry options[] = {
  { "payments", 'n', 0, G_OPTION_ARG_INT, &n_payments, "How many in all", "N" },
  { "terminals", 't', 0, G_OPTION_ARG_INT, &n_terminals, "Spread over so many terminals", "N" },
  { "groups", 'g', 0, G_OPTION_ARG_INT, &n_groups, "and so many groups", "N" },
  { "batch", 'b', 0, G_OPTION_ARG_INT, &batch_size, "Operations of one commit", "N" },
  { "random-ids", 0, 0, G_OPTION_ARG_NONE, &random_ids, "Transaction ids without order in time", NULL },
  { "memory", 0, 0, G_OPTION_ARG_NONE, &use_memory, "The memory adapter in place of SQLite", NULL },
  { "dir", 'd', 0, G_OPTION_ARG_FILENAME, &directory, "Where the file goes (a fresh folder in it)", "DIR" },
  { NULL }
};

static gint64
clock_ns (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

/* --- The disk by itself --- */

static void
measure_disk (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "sync", NULL);
  char block[16384];
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  gint64 began, n = 0;

  memset (block, 'x', sizeof block);
  for (int i = 0; i < 4096; i++)
    if (write (fd, block, sizeof block) < 0)
      g_error ("%s: %s", path, g_strerror (errno));
  fsync (fd);
  began = clock_ns (CLOCK_MONOTONIC);
  while (clock_ns (CLOCK_MONOTONIC) - began < G_GINT64_CONSTANT (1000000000))
    {
      if (pwrite (fd, block, sizeof block, n % 4096 * sizeof block) < 0 || fdatasync (fd) < 0)
        g_error ("%s: %s", path, g_strerror (errno));
      n++;
    }
  close (fd);
  g_unlink (path);
  g_print ("disk: %" G_GINT64_FORMAT " fdatasync/s (16 KiB each, no growth)\n", n);
}

/* --- Operations --- */

typedef struct
{
  GwOperation **operations;
  guint n;
  gint64 now;
} Batch;

static char *text (const char *format, ...) G_GNUC_PRINTF (1, 2);

static char *
text (const char *format, ...)
{
  va_list args;
  g_autofree char *formatted = NULL;

  va_start (args, format);
  formatted = g_strdup_vprintf (format, args);
  va_end (args);
  return g_ref_string_new (formatted);
}

static char *
new_id (gint64 now)
{
  char id[TGP_UUID_SIZE];
  guint8 random[10];

  for (guint i = 0; i < sizeof random; i++)
    random[i] = g_random_int () & 0xff;
  return g_ref_string_new (
    tgp_uuid7_format (random_ids ? g_random_int () * G_GINT64_CONSTANT (1000) : now, random, id));
}

static GwOperation *
add (Batch *batch, GwOperationKind kind, guint terminal)
{
  GwOperation *op = gw_operation_new (kind, ++batch->now);

  op->group_id = text ("store-%u", terminal % n_groups);
  op->slot = text ("TERM-%05u", terminal);
  op->device_id = text ("TERM-%05u", terminal);
  op->terminal_id = text ("TERM-%05u", terminal);
  op->key_id = text ("k_pos%05u", terminal % 100);
  op->connection_id = text ("c0123456789abcdef%05u", terminal);
  op->actor = text ("pos k_pos%05u", terminal % 100);
  op->epoch = 1;
  batch->operations[batch->n++] = op;
  return op;
}

static TgpPaymentRequest *
make_request (const char *transaction_id)
{
  TgpPaymentRequest *request = tgp_payment_request_new ();

  request->transaction_id = g_strdup (transaction_id);
  request->amount = 1299;
  strcpy (request->currency, "EUR");
  request->extras =
    g_strdup ("\"products\":[{\"id\":\"4711\",\"name\":\"Coffee, large\",\"price\":\"3.99\",\"quantity\":1},"
              "{\"id\":\"4712\",\"name\":\"Sandwich\",\"price\":\"9.00\",\"quantity\":1}],"
              "\"metadata\":{\"order\":\"2024-0117\",\"cashier\":\"7\"}");
  return request;
}

static TgpPaymentResponse *
make_response (const char *transaction_id)
{
  TgpPaymentResponse *response = tgp_payment_response_new ();

  response->transaction_id = g_strdup (transaction_id);
  response->status = TGP_RESULT_SUCCESS;
  response->has_amount = response->has_method = TRUE;
  response->amount = 1299;
  strcpy (response->currency, "EUR");
  response->authorization_code = g_strdup ("A1B2C3");
  response->receipt_data =
    g_strdup ("{\"merchant\":\"Example store\",\"terminal\":\"TERM-001\",\"card\":\"****1234\","
              "\"brand\":\"VISA\",\"aid\":\"A0000000031010\",\"trace\":\"004711\"}");
  response->timestamp = 1700000000000;
  return response;
}

/* --- Running them --- */

typedef struct
{
  const char *name;
  gint64 cpu_ns, wall_ns;
  guint64 operations;
  GArray *latencies; /* wall ns of each batch */
} Cost;

static void
run (GwTables *tables, Batch *batch, Cost *cost, GwOutcome expected)
{
  gint64 cpu = clock_ns (CLOCK_THREAD_CPUTIME_ID), wall = clock_ns (CLOCK_MONOTONIC);

  gw_operations_run (tables, batch->operations, batch->n);
  wall = clock_ns (CLOCK_MONOTONIC) - wall;
  cost->cpu_ns += clock_ns (CLOCK_THREAD_CPUTIME_ID) - cpu;
  cost->wall_ns += wall;
  cost->operations += batch->n;
  g_array_append_val (cost->latencies, wall);
  for (guint i = 0; i < batch->n; i++)
    if (batch->operations[i]->result.outcome != expected)
      g_error ("%s: outcome %d, code %d", cost->name, batch->operations[i]->result.outcome,
               batch->operations[i]->result.code);
}

static void
clear (Batch *batch)
{
  for (guint i = 0; i < batch->n; i++)
    gw_operation_free (batch->operations[i]);
  batch->n = 0;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static void
report (const Cost *cost)
{
  GArray *all = cost->latencies;

  g_array_sort (all, compare);
#define AT(part) (g_array_index (all, gint64, MIN (all->len - 1, (guint) (all->len * (part)))) / 1e6)
  g_print (
    "%-7s %6.2f us CPU, %6.2f us wall an operation; commits p50 %5.2f p99 %5.2f p99.9 %5.2f max %5.2f ms\n",
    cost->name, cost->cpu_ns / 1e3 / cost->operations, cost->wall_ns / 1e3 / cost->operations, AT (0.5),
    AT (0.99), AT (0.999), AT (1.0));
#undef AT
}

static void
attach_terminals (GwTables *tables, Batch *batch)
{
  for (int i = 0; i < n_terminals; i++)
    {
      add (batch, GW_OP_ATTACH_DEVICE, i);
      if (batch->n == (guint) batch_size || i + 1 == n_terminals)
        {
          gw_operations_run (tables, batch->operations, batch->n);
          clear (batch);
        }
    }
}

static void
run_payments (GwTables *tables, Batch *batch, Cost *costs)
{
  char **ids = g_new0 (char *, batch_size);
  gint64 *seqs = g_new0 (gint64, batch_size);

  for (int done = 0; done < n_payments; done += batch_size)
    {
      for (int i = 0; i < batch_size; i++)
        {
          GwOperation *op = add (batch, GW_OP_PAY, (done + i) % n_terminals);

          ids[i] = op->transaction_id = new_id (op->now);
          g_ref_string_acquire (ids[i]);
          op->payment = make_request (ids[i]);
          op->capabilities = 7;
          op->join_window = 86400000;
        }
      run (tables, batch, &costs[0], GW_APPLIED);
      clear (batch);
      for (int i = 0; i < batch_size; i++)
        {
          GwOperation *op = add (batch, GW_OP_RESULT, (done + i) % n_terminals);

          op->transaction_id = g_ref_string_acquire (ids[i]);
          op->response = make_response (ids[i]);
          op->capabilities = 7;
        }
      run (tables, batch, &costs[1], GW_APPLIED);
      for (int i = 0; i < batch_size; i++)
        seqs[i] = ((GwMessage *) batch->operations[i]->result.messages->pdata[0])->seq;
      clear (batch);
      for (int i = 0; i < batch_size; i++)
        {
          GwOperation *op = add (batch, GW_OP_ACK, (done + i) % n_terminals);

          op->seqs = g_array_new (FALSE, FALSE, sizeof (gint64));
          g_array_append_val (op->seqs, seqs[i]);
          op->epoch = 0;
          g_clear_pointer (&ids[i], g_ref_string_release);
        }
      run (tables, batch, &costs[2], GW_APPLIED);
      clear (batch);
    }
  g_free (ids);
  g_free (seqs);
}

static void
print_size (const char *path)
{
  struct stat status;

  if (g_stat (path, &status) == 0)
    g_print ("%s: %.1f MB\n", path, status.st_size / 1e6);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GOptionContext) context = g_option_context_new ("- what a payment costs in the store");
  g_autoptr (GError) error = NULL;
  Batch batch = { .now = 1700000000000 };
  Cost costs[] = { { "pay" }, { "result" }, { "ack" } };
  gint64 wall = 0, cpu = 0;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  n_terminals = MAX (n_terminals, batch_size); /* no two open payments on one terminal in a batch */
  batch.operations = g_new0 (GwOperation *, batch_size);
  for (guint i = 0; i < G_N_ELEMENTS (costs); i++)
    costs[i].latencies = g_array_new (FALSE, FALSE, sizeof (gint64));

  g_autofree char *template =
    g_build_filename (directory ? directory : g_get_tmp_dir (), "bench-store-XXXXXX", NULL);
  g_autofree char *dir = g_strdup (g_mkdtemp (template));
  g_autofree char *path = g_build_filename (dir, "gateway.db", NULL);
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  measure_disk (dir);
  GwTables *tables =
    use_memory ? gw_memory_tables_new ("00000000") : gw_sqlite_tables_open (path, FALSE, &error);
  if (!tables)
    g_error ("%s", error->message);
  attach_terminals (tables, &batch);
  run_payments (tables, &batch, costs);
  for (guint i = 0; i < G_N_ELEMENTS (costs); i++)
    {
      report (&costs[i]);
      wall += costs[i].wall_ns;
      cpu += costs[i].cpu_ns;
    }
  g_print ("payment %6.2f us CPU, %6.2f us wall; %.0f payments/s; %" G_GUINT64_FORMAT " commits\n",
           cpu / 1e3 / costs[0].operations, wall / 1e3 / costs[0].operations,
           costs[0].operations * 1e9 / wall, tables->commits);
  print_size (path);
  print_size (log);
  gint64 began = clock_ns (CLOCK_MONOTONIC);
  tables->klass->close (tables);
  g_print ("close: %.1f ms\n", (clock_ns (CLOCK_MONOTONIC) - began) / 1e6);
  g_unlink (path);
  g_rmdir (dir);
  for (guint i = 0; i < G_N_ELEMENTS (costs); i++)
    g_array_unref (costs[i].latencies);
  g_free (batch.operations);
  g_free (directory);
  return 0;
}
