/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/proxy-protocol.h"

#include <string.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4        "\xc0\x00\x02\x01\xc6\x33\x64\x02\x12\x34\x01\xbb" /* 192.0.2.1 to 198.51.100.2 */
#define V6                                                                                                   \
  "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x08\x12\x34\x01\xbb"
#define MAPPED                                                                                               \
  "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x01\0\0\0\0\0\0\0\0\0\0\xff\xff\xc6\x33\x64\x02\x12\x34\x01\xbb"

typedef struct
{
  const char *label;
  const char *text;
  gsize length;
  EdgeProxyState state;
  gsize end;
  const char *address;
} ProxyCase;

#define ACCEPTED(label, header, rest, address)                                                               \
  {                                                                                                          \
    label, SIGNATURE header rest, sizeof (SIGNATURE header rest) - 1, EDGE_PROXY_DONE,                       \
      sizeof (SIGNATURE header) - 1, address                                                                 \
  }
#define REFUSED(label, text)                                                                                 \
  {                                                                                                          \
    label, text, sizeof (text) - 1, EDGE_PROXY_REFUSED, 0, ""                                                \
  }
#define OPEN(label, text)                                                                                    \
  {                                                                                                          \
    label, text, sizeof (text) - 1, EDGE_PROXY_NEED_MORE, 0, ""                                              \
  }

static const ProxyCase cases[] = {
  ACCEPTED ("tcp4", "\x21\x11\x00\x0c" V4, "", "192.0.2.1"),
  ACCEPTED ("tcp4-then-request", "\x21\x11\x00\x0c" V4, "GET / HTTP/1.1\r\n", "192.0.2.1"),
  ACCEPTED ("tcp6", "\x21\x21\x00\x24" V6, "x", "2001:db8::7"),
  ACCEPTED ("tcp6-mapped", "\x21\x21\x00\x24" MAPPED, "", "192.0.2.1"),
  ACCEPTED ("tcp4-alpn", "\x21\x11\x00\x17" V4 "\x01\x00\x08http/1.1", "", "192.0.2.1"),
  ACCEPTED ("tcp4-two-tlvs", "\x21\x11\x00\x16" V4 "\x04\x00\x03\0\0\0\x04\x00\x01\xff", "", "192.0.2.1"),
  ACCEPTED ("tcp4-empty-tlv", "\x21\x11\x00\x0f" V4 "\x04\x00\x00", "", "192.0.2.1"),
  /* As HAProxy 2.6 writes it with "proxy-v2-options crc32c,unique-id,ssl". */
  ACCEPTED ("haproxy",
            "\x21\x11\x00\x1e\x7f\0\0\x01\x7f\0\0\x01\xdf\x94\x46\xa0\x03\x00\x04\xb5\x28\x4d\x2d"
            "\x05\x00\x00\x20\x00\x05\0\0\0\0\0",
            "GET /x HTTP/1.1\r\n", "127.0.0.1"),
  ACCEPTED ("local", "\x20\x00\x00\x00", "GET", ""),
  ACCEPTED ("local-with-addresses", "\x20\x11\x00\x0c" V4, "", ""),
  ACCEPTED ("local-with-noise", "\x20\xff\x00\x03\xff\xff\xff", "", ""),
  ACCEPTED ("unspec", "\x21\x00\x00\x00", "", ""),
  ACCEPTED ("unspec-with-noise", "\x21\x00\x00\x05\x01\xff\xff\xff\xff", "", ""),

  OPEN ("nothing", ""),
  OPEN ("half-a-signature", "\r\n\r\n"),
  OPEN ("signature", SIGNATURE),
  OPEN ("command", SIGNATURE "\x21"),
  OPEN ("family", SIGNATURE "\x21\x11"),
  OPEN ("half-a-length", SIGNATURE "\x21\x11\x00"),
  OPEN ("no-addresses-yet", SIGNATURE "\x21\x11\x00\x0c"),
  OPEN ("half-of-the-addresses", SIGNATURE "\x21\x11\x00\x0c\xc0\x00\x02\x01"),
  OPEN ("long-ones-may-come", SIGNATURE "\x21\x11\x0f\xf0" V4),

  REFUSED ("http", "GET / HTTP/1.1\r\n"),
  REFUSED ("empty-lines", "\r\n\r\n\r\n"),
  REFUSED ("version-1", "PROXY TCP4 192.0.2.1 198.51.100.2 1 2\r\n"),
  REFUSED ("tls", "\x16\x03\x01"),
  REFUSED ("signature-ends-wrong", "\r\n\r\n\0\r\nQUIT\r"),
  REFUSED ("version-1-binary", SIGNATURE "\x11"),
  REFUSED ("version-3", SIGNATURE "\x31"),
  REFUSED ("command-2", SIGNATURE "\x22"),
  REFUSED ("datagram-4", SIGNATURE "\x21\x12"),
  REFUSED ("datagram-6", SIGNATURE "\x21\x22"),
  REFUSED ("datagram-unix", SIGNATURE "\x21\x32"),
  REFUSED ("inet-unspec", SIGNATURE "\x21\x10"),
  REFUSED ("family-4", SIGNATURE "\x21\x41"),
  REFUSED ("transport-3", SIGNATURE "\x21\x13"),
  REFUSED ("too-short-for-4", SIGNATURE "\x21\x11\x00\x0b" V4),
  REFUSED ("too-short-for-6", SIGNATURE "\x21\x21\x00\x23" V6),
  REFUSED ("too-short-for-unix", SIGNATURE "\x21\x31\x00\xd7"),
  REFUSED ("too-long", SIGNATURE "\x21\x11\x0f\xf1" V4),
  REFUSED ("as-long-as-can-be", SIGNATURE "\x20\x00\xff\xff"),
  REFUSED ("tlv-cut", SIGNATURE "\x21\x11\x00\x0e" V4 "\x01\x00"),
  REFUSED ("tlv-too-long", SIGNATURE "\x21\x11\x00\x11" V4 "\x01\x00\x03\x61\x62"),
  REFUSED ("second-tlv-cut", SIGNATURE "\x21\x11\x00\x11" V4 "\x04\x00\x01\x00\x04"),
  REFUSED ("checksum-wrong", SIGNATURE "\x21\x11\x00\x13" V4 "\x03\x00\x04\0\0\0\0"),
  REFUSED ("checksum-short", SIGNATURE "\x21\x11\x00\x12" V4 "\x03\x00\x03\0\0\0"),
};

static void
test_case (gconstpointer data)
{
  const ProxyCase *c = data;
  EdgeProxyState state = EDGE_PROXY_NEED_MORE;
  gsize length;
  char address[64];

  g_assert_cmpint (edge_proxy_parse ((const guint8 *) c->text, c->length, &length, address), ==, c->state);
  g_assert_cmpuint (length, ==, c->end);
  g_assert_cmpstr (address, ==, c->address);

  /* The same with each byte that comes, and as early as the bytes tell. */
  for (gsize available = 0; available <= c->length && state == EDGE_PROXY_NEED_MORE; available++)
    {
      g_autofree guint8 *copy = g_memdup2 (c->text, available);

      state = edge_proxy_parse (copy, available, &length, address);
      if (state == EDGE_PROXY_DONE)
        g_assert_cmpuint (available, ==, c->end);
    }
  g_assert_cmpint (state, ==, c->state);
  g_assert_cmpuint (length, ==, c->end);
  g_assert_cmpstr (address, ==, c->address);
}

static void
test_longest (void)
{
  g_autofree guint8 *data = g_malloc0 (EDGE_PROXY_MAX_BYTES);
  gsize length;
  char address[64];

  memcpy (data, SIGNATURE "\x21\x11\x0f\xf0" V4 "\x04\x0f\xe1",
          sizeof (SIGNATURE "\x21\x11\x0f\xf0" V4 "\x04\x0f\xe1") - 1);
  g_assert_cmpint (edge_proxy_parse (data, EDGE_PROXY_MAX_BYTES - 1, &length, address), ==,
                   EDGE_PROXY_NEED_MORE);
  g_assert_cmpint (edge_proxy_parse (data, EDGE_PROXY_MAX_BYTES, &length, address), ==, EDGE_PROXY_DONE);
  g_assert_cmpuint (length, ==, EDGE_PROXY_MAX_BYTES);
  g_assert_cmpstr (address, ==, "192.0.2.1");
}

static void
test_unix (void)
{
  guint8 data[16 + 216] = SIGNATURE "\x21\x31\x00\xd8/run/client";
  gsize length;
  char address[64];

  g_assert_cmpint (edge_proxy_parse (data, sizeof data, &length, address), ==, EDGE_PROXY_DONE);
  g_assert_cmpuint (length, ==, sizeof data);
  g_assert_cmpstr (address, ==, "");
}

/* CRC-32C, bit by bit from its definition, most significant first over reflected bytes: not how the parser
 * computes it. */
static guint32
reference_crc32c (const guint8 *data, gsize length)
{
  guint32 crc = 0xffffffff, reflected = 0;

  for (gsize i = 0; i < length * 8; i++)
    {
      guint32 bit = (data[i / 8] >> (i % 8)) & 1;

      crc = crc << 1 ^ ((crc >> 31) != bit ? 0x1edc6f41 : 0);
    }
  for (int i = 0; i < 32; i++)
    reflected |= (crc >> i & 1) << (31 - i);
  return ~reflected;
}

static void
test_checksum (void)
{
  guint8 data[] = SIGNATURE "\x21\x11\x00\x17" V4 "\x03\x00\x04\0\0\0\0\x04\x00\x01\x00";
  gsize size = sizeof data - 1, length;
  guint32 crc;
  char address[64];

  g_assert_cmphex (reference_crc32c ((const guint8 *) "123456789", 9), ==, 0xe3069283);
  crc = GUINT32_TO_BE (reference_crc32c (data, size));
  memcpy (data + 31, &crc, 4);
  g_assert_cmpint (edge_proxy_parse (data, size, &length, address), ==, EDGE_PROXY_DONE);
  g_assert_cmpstr (address, ==, "192.0.2.1");
  for (gsize i = 16; i < size; i++)
    {
      data[i] ^= 0x40;
      g_assert_cmpint (edge_proxy_parse (data, size, &length, address), !=,
                       i == 28 ? EDGE_PROXY_NEED_MORE : EDGE_PROXY_DONE);
      data[i] ^= 0x40;
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/edge/proxy-protocol/%s", cases[i].label);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/edge/proxy-protocol/longest", test_longest);
  g_test_add_func ("/edge/proxy-protocol/unix", test_unix);
  g_test_add_func ("/edge/proxy-protocol/checksum", test_checksum);
  return g_test_run ();
}
