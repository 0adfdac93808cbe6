/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/timer-wheel.h"

/* Four rings. A slot of the first is one tick; a slot of each further one is a whole turn of the ring before
 * it, and is spread over that ring when its turn begins. Longer than the last ring (6 days): parked in its
 * last slot and looked at again. */
#define RINGS       4
#define FIRST_BITS  8
#define OTHER_BITS  6
#define FIRST_SLOTS (1 << FIRST_BITS)
#define OTHER_SLOTS (1 << OTHER_BITS)
#define N_SLOTS     (FIRST_SLOTS + (RINGS - 1) * OTHER_SLOTS)
#define LONGEST     ((gint64) 1 << (FIRST_BITS + (RINGS - 1) * OTHER_BITS))

struct _EdgeTimerWheel
{
  gint64 tick;                  /* all up to and with this one are done */
  guint64 filled[N_SLOTS / 64]; /* one bit a slot with timers in it */
  EdgeTimer slots[N_SLOTS + 1]; /* heads of circular lists; the last one holds what is due */
};

G_STATIC_ASSERT (FIRST_SLOTS % 64 == 0 && OTHER_SLOTS == 64);

static inline guint
ring_shift (guint ring)
{
  return ring == 0 ? 0 : FIRST_BITS + (ring - 1) * OTHER_BITS;
}

static inline guint
ring_start (guint ring)
{
  return ring == 0 ? 0 : FIRST_SLOTS + (ring - 1) * OTHER_SLOTS;
}

static inline EdgeTimer *
due_list (EdgeTimerWheel *wheel)
{
  return &wheel->slots[N_SLOTS];
}

EdgeTimerWheel *
edge_timer_wheel_new (gint64 now_ms)
{
  EdgeTimerWheel *wheel = g_new0 (EdgeTimerWheel, 1);

  wheel->tick = now_ms / EDGE_WHEEL_TICK_MS;
  for (guint i = 0; i <= N_SLOTS; i++)
    wheel->slots[i].next = wheel->slots[i].previous = &wheel->slots[i];
  return wheel;
}

void
edge_timer_wheel_free (EdgeTimerWheel *wheel)
{
  for (guint i = 0; i <= N_SLOTS; i++)
    while (wheel->slots[i].next != &wheel->slots[i])
      edge_timer_wheel_stop (wheel, wheel->slots[i].next);
  g_free (wheel);
}

static void
link_into (EdgeTimerWheel *wheel, guint slot, EdgeTimer *timer)
{
  EdgeTimer *head = &wheel->slots[slot];

  timer->next = head;
  timer->previous = head->previous;
  head->previous->next = timer;
  head->previous = timer;
  if (slot < N_SLOTS)
    wheel->filled[slot / 64] |= (guint64) 1 << (slot % 64);
}

static void
place (EdgeTimerWheel *wheel, EdgeTimer *timer, gint64 soonest)
{
  gint64 due = timer->due_ms / EDGE_WHEEL_TICK_MS + (timer->due_ms % EDGE_WHEEL_TICK_MS > 0);
  gint64 distance;
  guint ring = 0;

  due = MAX (due, soonest);
  distance = due - wheel->tick;
  if (distance <= 0)
    {
      link_into (wheel, N_SLOTS, timer);
      return;
    }
  if (distance >= LONGEST)
    {
      distance = LONGEST - 1;
      due = wheel->tick + distance;
    }
  while (ring < RINGS - 1 && distance >= (gint64) 1 << ring_shift (ring + 1))
    ring++;
  link_into (
    wheel, ring_start (ring) + ((due >> ring_shift (ring)) & (ring == 0 ? FIRST_SLOTS - 1 : OTHER_SLOTS - 1)),
    timer);
}

void
edge_timer_wheel_start (EdgeTimerWheel *wheel, EdgeTimer *timer, gint64 due_ms)
{
  edge_timer_wheel_stop (wheel, timer);
  timer->due_ms = due_ms;
  /* Not in this tick: a timer that starts itself again would hold the loop. */
  place (wheel, timer, wheel->tick + 1);
}

void
edge_timer_wheel_stop (EdgeTimerWheel *wheel, EdgeTimer *timer)
{
  EdgeTimer *next = timer->next;

  if (next == NULL)
    return;
  next->previous = timer->previous;
  timer->previous->next = next;
  /* The last one of a slot: its only neighbour is the head. */
  if (next == timer->previous && next >= wheel->slots && next < wheel->slots + N_SLOTS)
    {
      gsize slot = next - wheel->slots;
      wheel->filled[slot / 64] &= ~((guint64) 1 << (slot % 64));
    }
  timer->next = timer->previous = NULL;
}

/* Slots from the current one to the next filled one, 1 … size; 0: the ring is empty. */
static guint
distance_to_filled (const guint64 *filled, guint size, guint current)
{
  guint word = current / 64, bit = current % 64;
  /* The current slot itself comes last: it is a whole turn away. */
  guint64 ahead = bit == 63 ? 0 : filled[word] >> (bit + 1);

  if (ahead != 0)
    return __builtin_ctzll (ahead) + 1;
  for (guint i = 1; i <= size / 64; i++)
    {
      guint64 bits = filled[(word + i) % (size / 64)];
      if (i == size / 64)
        bits &= bit == 63 ? ~(guint64) 0 : ((guint64) 1 << (bit + 1)) - 1;
      if (bits != 0)
        return i * 64 - bit + __builtin_ctzll (bits);
    }
  return 0;
}

static gint64
next_tick (EdgeTimerWheel *wheel)
{
  gint64 best = G_MAXINT64;

  for (guint ring = 0; ring < RINGS; ring++)
    {
      guint size = ring == 0 ? FIRST_SLOTS : OTHER_SLOTS;
      gint64 turn = wheel->tick >> ring_shift (ring);
      guint distance = distance_to_filled (&wheel->filled[ring_start (ring) / 64], size, turn & (size - 1));

      if (distance != 0)
        best = MIN (best, (turn + distance) << ring_shift (ring));
    }
  return best;
}

gint64
edge_timer_wheel_next (EdgeTimerWheel *wheel)
{
  gint64 tick;

  if (due_list (wheel)->next != due_list (wheel))
    return wheel->tick * EDGE_WHEEL_TICK_MS;
  tick = next_tick (wheel);
  return tick == G_MAXINT64 ? G_MAXINT64 : tick * EDGE_WHEEL_TICK_MS;
}

static void
empty_slot (EdgeTimerWheel *wheel, guint slot)
{
  EdgeTimer *head = &wheel->slots[slot];
  EdgeTimer *timer = head->next;

  if (timer == head)
    return;
  /* Away from the slot first: a timer may be placed back into it, a turn later. */
  head->previous->next = NULL;
  head->next = head->previous = head;
  wheel->filled[slot / 64] &= ~((guint64) 1 << (slot % 64));
  while (timer != NULL)
    {
      EdgeTimer *next = timer->next;

      place (wheel, timer, wheel->tick);
      timer = next;
    }
}

static void
turn_to (EdgeTimerWheel *wheel, gint64 tick)
{
  wheel->tick = tick;
  for (guint ring = RINGS - 1; ring > 0; ring--)
    if ((tick & (((gint64) 1 << ring_shift (ring)) - 1)) == 0)
      empty_slot (wheel, ring_start (ring) + ((tick >> ring_shift (ring)) & (OTHER_SLOTS - 1)));
  empty_slot (wheel, tick & (FIRST_SLOTS - 1));
}

guint
edge_timer_wheel_advance (EdgeTimerWheel *wheel, gint64 now_ms, guint max)
{
  gint64 target = now_ms / EDGE_WHEEL_TICK_MS;
  EdgeTimer *due = due_list (wheel);
  guint fired = 0;

  while (fired < max)
    {
      EdgeTimer *timer = due->next;

      if (timer != due)
        {
          edge_timer_wheel_stop (wheel, timer);
          fired++;
          timer->fire (timer);
          continue;
        }
      if (wheel->tick >= target)
        break;
      turn_to (wheel, MIN (next_tick (wheel), target));
    }
  return fired;
}
