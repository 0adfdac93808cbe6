/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Autobahn groups 9 and 10, and floods: what is too much is refused before it is there. The cap is 65,536
 * bytes. */
#include "tests/edge/ws-spec.h"

const WsCase ws_cases_limits[] = {
  { "9 the cap", "+1*65536", "T*65536" },
  { "9 the cap and one", "+1*65537", "X1009" },
  { "9 the cap and one, only said", "+1=65537", "X1009" },
  { "9 4 GiB, only said", "+1L=4294967296", "X1009" },
  { "9 2 GiB, only said", "+1L=2147483648", "X1009" },
  { "9 the most that can be said", "+1L=9223372036854775807", "X1009" },
  { "9 a fragment of more than the cap", "-1=65537", "X1009" },
  { "9 the cap in two", "-1*32768|+0*32768", "T*65536" },
  { "9 the cap and one in two", "-1*32768|+0=32769", "X1009" },
  { "9 the cap, then one", "-1*65536|+0=1", "X1009" },
  { "9 the cap, then none", "-1*65536|+0", "T*65536" },
  { "9 one, then the most that can be said", "-1:a|+0L=9223372036854775807", "X1009" },
  { "9 the cap in pieces of 1024", "-1*1024|{62}-0*1024|+0*1024", "T*65536" },
  { "9 more in pieces of 1024", "-1*1024|{63}-0*1024|-0=1", "X1009" },
  { "9 the cap twice", "+1*65536|+1*65536", "T*65536|T*65536" },
  { "9 a ping does not count", "-1*65536|+9*125|+0", "P*125|T*65536" },
  { "9 the cap counts anew", "-1*65536|+0|-1*65536|+0", "T*65536|T*65536" },
  { "9 not UTF-8 and too long: the length comes first", "+1=65537:%ff", "X1009" },
  { "9 1,300 in pieces of 64", "-1*64|{19}-0*64|+0*20", "T*1300" },
  { "9 pieces of one byte", "-1:x|{2000}-0:x|+0:x", "T*2002" },
  { "flood of empty fragments", "-1|{64}-0|+0", "X1008" },
  { "not quite a flood", "-1|{63}-0|+0", "T:" },
  { "not quite a flood, twice", "-1|{63}-0|+0:a|-1|{63}-0|+0:b", "T:a|T:b" },
  { "flood of empty fragments, never final", "-1:a|{300}-0", "X1008" },
  { "flood of empty fragments between others", "-1|{30}-0|-0:a|{33}-0|-0:b|-0|+0:c", "X1008" },
  { "10.1.1 65,536 at once, then a close", "+1*65536|+8:%03%e8", "T*65536|C1000:" },
  { "long ping behind a cap", "+1*65536|+9*126", "T*65536|X1002" },
  { 0 },
};
