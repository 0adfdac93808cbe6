/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-book.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

struct _PosBook
{
  char *folder;
  char *path; /* of the open file */
  int file;   /* -1: none open */
  guint damaged;
};

static const char *const marks[POS_N_MARKS] = {
  [POS_MARK_SENT] = "sent",       [POS_MARK_STATE] = "state", [POS_MARK_CANCEL] = "cancel",
  [POS_MARK_VOID] = "void",       [POS_MARK_SEEN] = "seen",   [POS_MARK_BY_HAND] = "by-hand",
  [POS_MARK_PRINTED] = "printed",
};

static gboolean
fail (GError **error, const char *path)
{
  int number = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "%s: %s", path, g_strerror (number));
  return FALSE;
}

static char *
path_of (PosBook *self, gint64 at)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (at / 1000);
  g_autofree char *day = time != NULL ? g_date_time_format (time, "%Y-%m-%d.book") : g_strdup ("other.book");

  return g_build_filename (self->folder, day, NULL);
}

PosBook *
pos_book_open (const char *folder, GError **error)
{
  PosBook *self;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      fail (error, folder);
      return NULL;
    }
  self = g_new0 (PosBook, 1);
  self->folder = g_strdup (folder);
  self->file = -1;
  return self;
}

void
pos_book_close (PosBook *self)
{
  if (self->file >= 0)
    close (self->file);
  g_free (self->path);
  g_free (self->folder);
  g_free (self);
}

/* What a killed till wrote in half ends at the next line, and is skipped when it is read. */
static gboolean
end_last_line (int file)
{
  char last;
  off_t end = lseek (file, 0, SEEK_END);

  if (end <= 0 || pread (file, &last, 1, end - 1) != 1 || last == '\n')
    return TRUE;
  return write (file, "\n", 1) == 1;
}

/* What is half written now is ended when the file is opened the next time. */
static gboolean
give_up (PosBook *self, GError **error, const char *path)
{
  fail (error, path);
  if (self->file >= 0)
    close (self->file);
  self->file = -1;
  return FALSE;
}

static gboolean
open_file (PosBook *self, const char *path, GError **error)
{
  if (self->file >= 0 && g_strcmp0 (self->path, path) == 0)
    return TRUE;
  if (self->file >= 0)
    close (self->file);
  self->file = open (path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  g_free (self->path);
  self->path = g_strdup (path);
  if (self->file < 0 || !end_last_line (self->file))
    return give_up (self, error, path);
  return TRUE;
}

/* How far a terminal is may be lost with the power: the gateway tells it again. */
static gboolean
must_last (PosMark mark, const PosFacts *facts)
{
  return mark != POS_MARK_CANCEL && (mark != POS_MARK_STATE || facts->outcome != TGW_OUTCOME_NONE);
}

gboolean
pos_book_write (PosBook *self, const char *id, PosMark mark, gint64 at, const PosFacts *facts, GError **error)
{
  g_autofree char *path = path_of (self, at), *text = pos_facts_to_text (facts);
  g_autofree char *line = g_strdup_printf ("%" G_GINT64_FORMAT "\t%s\t%s\t%s\n", at, id, marks[mark], text);
  gsize length = strlen (line), done = 0;

  if (!open_file (self, path, error))
    return FALSE;
  while (done < length)
    {
      gssize n = write (self->file, line + done, length - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return give_up (self, error, path);
      done += (gsize) n;
    }
  return !must_last (mark, facts) || fdatasync (self->file) == 0 || fail (error, path);
}

static gboolean
read_line (char *line, PosBookFunc function, gpointer user_data)
{
  char *id = strchr (line, '\t'), *mark = id != NULL ? strchr (id + 1, '\t') : NULL;
  char *members = mark != NULL ? strchr (mark + 1, '\t') : NULL;
  g_auto (PosFacts) facts = { 0 };
  gint64 at;

  if (members == NULL)
    return FALSE;
  *id++ = *mark++ = *members++ = '\0';
  if (id[0] == '\0' || !g_ascii_string_to_signed (line, 10, 0, G_MAXINT64, &at, NULL) ||
      !pos_facts_from_text (&facts, members))
    return FALSE;
  for (guint i = 0; i < POS_N_MARKS; i++)
    if (strcmp (marks[i], mark) == 0)
      {
        function (id, (PosMark) i, at, &facts, user_data);
        return TRUE;
      }
  return FALSE;
}

gint64
pos_book_size (PosBook *self, gint64 day)
{
  g_autofree char *path = path_of (self, day);
  GStatBuf about;

  return g_stat (path, &about) == 0 ? (gint64) about.st_size : 0;
}

gboolean
pos_book_read (PosBook *self, gint64 day, PosBookFunc function, gpointer user_data, GError **error)
{
  g_autofree char *path = path_of (self, day), *text = NULL;
  g_autoptr (GError) reason = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &reason))
    {
      if (g_error_matches (reason, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  self->damaged = 0;
  for (char *line = text, *after = text + length; line < after;)
    {
      char *end = memchr (line, '\n', (gsize) (after - line)), *stop = end != NULL ? end : after;
      /* A power cut leaves blocks of zeros where lines were. */
      gboolean zeros = memchr (line, '\0', (gsize) (stop - line)) != NULL;

      *stop = '\0'; /* there is one after the last byte too */
      /* One without an end was being written when the power went. */
      if (zeros || (end != NULL && line[0] != '\0' && !read_line (line, function, user_data)))
        self->damaged++;
      line = stop + 1;
    }
  if (self->damaged > 0)
    g_message ("%s: %u lines cannot be read", path, self->damaged);
  return TRUE;
}

guint
pos_book_get_damaged (PosBook *self)
{
  return self->damaged;
}
