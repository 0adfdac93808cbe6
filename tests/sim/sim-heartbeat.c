/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pings and pongs: what the edge does for the core. */
#include "tests/sim/sim.h"

#define HEARTBEAT 30000

static void
pong_arrives (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimConn *conn = owner;

  if (conn->gateway != SIM_CONN_OPEN || conn->hole || conn->peer == SIM_CONN_CLOSED)
    return;
  conn->heard = world->monotonic;
  if (number)
    {
      conn->probe_until = 0;
      gw_engine_probed (world->engine, conn->link, TRUE);
    }
  else
    gw_engine_heartbeat_answered (world->engine, conn->link);
}

static void
ping_arrives (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimConn *conn = owner;

  if (!conn->hole && conn->peer != SIM_CONN_CLOSED)
    sim_at (world, sim_travel (conn, &conn->to_gateway, FALSE), pong_arrives, conn, NULL, NULL, number);
}

static void
heartbeat (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimConn *conn = owner;

  if (conn->gateway != SIM_CONN_OPEN)
    return;
  if (world->monotonic - conn->heard >= 3 * HEARTBEAT)
    {
      sim_note (world, sim_conn_name (conn), "stale", NULL, (gint64) conn->link);
      gw_engine_link_stale (world->engine, conn->link);
      return;
    }
  gw_engine_heartbeat_sent (world->engine, conn->link);
  sim_at (world, sim_travel (conn, &conn->to_peer, FALSE), ping_arrives, conn, NULL, NULL, 0);
  sim_at (world, HEARTBEAT, heartbeat, conn, NULL, NULL, 0);
}

static void
probe_over (SimWorld *world, gpointer owner, gpointer data, gint64 until)
{
  SimConn *conn = owner;

  if (conn->gateway == SIM_CONN_OPEN && conn->probe_until == until)
    gw_engine_probed (world->engine, conn->link, FALSE);
}

void
sim_heartbeat_start (SimConn *conn)
{
  sim_at (conn->world, sim_between (conn->world, 0, HEARTBEAT), heartbeat, conn, NULL, NULL, 0);
}

void
sim_probe (SimConn *conn, guint timeout_ms)
{
  SimWorld *world = conn->world;

  conn->probe_until = world->monotonic + timeout_ms;
  sim_at (world, sim_travel (conn, &conn->to_peer, FALSE), ping_arrives, conn, NULL, NULL, 1);
  sim_at (world, timeout_ms, probe_over, conn, NULL, NULL, conn->probe_until);
}
