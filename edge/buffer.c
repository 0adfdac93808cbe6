/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/buffer.h"

#include <string.h>

struct _EdgeBuffer
{
  gsize start, length, capacity;
  guint8 bytes[];
};

#define SMALLEST 240

gsize
edge_buffer_length (const EdgeBuffer *buffer)
{
  return buffer == NULL ? 0 : buffer->length;
}

guint8 *
edge_buffer_data (EdgeBuffer *buffer)
{
  return buffer->bytes + buffer->start;
}

void
edge_buffer_append (EdgeBuffer **buffer, gconstpointer data, gsize length)
{
  EdgeBuffer *self = *buffer;

  if (length == 0)
    return;
  if (self == NULL)
    {
      gsize capacity = MAX (length, SMALLEST);

      self = *buffer = g_malloc (sizeof (EdgeBuffer) + capacity + 1);
      self->start = self->length = 0;
      self->capacity = capacity;
    }
  else if (self->start + self->length + length > self->capacity)
    {
      /* Moving what waits is only worth it when more than that was taken off: otherwise room is made, or a
       * peer that takes little at a time would have all of it moved each time. */
      gboolean move = self->start > self->length && self->length + length <= self->capacity;

      memmove (self->bytes, self->bytes + self->start, self->length);
      self->start = 0;
      if (!move)
        {
          gsize capacity = MAX (self->length + length, self->capacity * 2);

          self = *buffer = g_realloc (self, sizeof (EdgeBuffer) + capacity + 1);
          self->capacity = capacity;
        }
    }
  memcpy (self->bytes + self->start + self->length, data, length);
  self->length += length;
}

void
edge_buffer_consume (EdgeBuffer **buffer, gsize length)
{
  EdgeBuffer *self = *buffer;

  if (length == 0)
    return;
  g_assert (length <= self->length);
  self->start += length;
  self->length -= length;
  if (self->length == 0)
    edge_buffer_clear (buffer);
}

void
edge_buffer_clear (EdgeBuffer **buffer)
{
  g_clear_pointer (buffer, g_free);
}
