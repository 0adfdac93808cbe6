/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one client may take of what all of them share. The gateway hears a thousand messages a second on the
 * one connection, and closes it when it is said too many more: so each client has a rate well below that, and
 * all together have one that leaves room for what the library says itself. */
#include "localproxy/proxy-private.h"

#define PAYMENTS      20 /* a second: each waits for the disk, and everybody with it */
#define PAYMENT_BURST 300
#define SENDS         100 /* a second */
#define SEND_BURST    200
#define ALL_SENDS     400
#define ALL_BURST     800
#define FETCHES       200 /* a second, over HTTP */
#define FETCH_BURST   400

static gint64
mono (void)
{
  return g_get_monotonic_time () / 1000;
}

const char *
lp_share_pay (LpClient *client)
{
  if (!edge_rate_take (&client->payments, mono (), PAYMENTS, PAYMENT_BURST))
    return "This client starts more than 20 payments a second; slow down. Nothing was sent";
  return lp_share_send (client);
}

const char *
lp_share_send (LpClient *client)
{
  if (!edge_rate_take (&client->sends, mono (), SENDS, SEND_BURST))
    return "This client wants more than 100 messages a second sent to the gateway; slow down. "
           "Nothing was sent";
  if (!edge_rate_take (&client->proxy->sends, mono (), ALL_SENDS, ALL_BURST))
    return "The clients of this proxy want more than 400 messages a second sent to the gateway; try again in "
           "a second. Nothing was sent";
  return NULL;
}

const char *
lp_share_fetch (LpClient *client)
{
  if (!edge_rate_take (&client->fetches, mono (), FETCHES, FETCH_BURST))
    return "This client asks more than 200 questions a second; slow down";
  return NULL;
}
