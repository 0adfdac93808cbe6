/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests meant to end elsewhere for a proxy than for us, and honest pipelines. */
#include "tests/edge/http-cases.h"

#define CHUNKS       "1\r\na\r\n0\r\n\r\n"
#define CODING(line) POST (line "\r\n", CHUNKS)
#define SECOND       "GET /smuggled HTTP/1.1\r\nHost: b\r\n\r\n"

static const HttpCase cases[] = {
  FOLLOWED ("pipeline-get", GET (""), SECOND, "GET", "/", ""),
  FOLLOWED ("pipeline-length", POST ("Content-Length: 2\r\n", "ab"), SECOND, "POST", "/p", "ab"),
  FOLLOWED ("pipeline-chunks", CHUNKED (CHUNKS), SECOND, "POST", "/p", "a"),
  FOLLOWED ("pipeline-trailer", CHUNKED ("0\r\nA: b\r\n\r\n"), SECOND, "POST", "/p", ""),
  FOLLOWED ("pipeline-empty-line", POST ("Content-Length: 2\r\n", "ab"), "\r\n" SECOND, "POST", "/p", "ab"),
  FOLLOWED ("pipeline-noise", GET (""), "\0\xff\n\n", "GET", "/", ""),
  FOLLOWED ("length-zero-then-request", POST ("Content-Length: 0\r\n", ""), SECOND, "POST", "/p", ""),
  FOLLOWED ("no-length-then-body", POST ("", ""), "5\r\nhello\r\n0\r\n\r\n", "POST", "/p", ""),
  FOLLOWED ("upgrade-then-frames",
            GET ("Connection: upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"),
            "\x81\x85\0\0\0\0hello", "GET", "/", ""),
  ACCEPTED ("request-in-body", POST ("Content-Length: 36\r\n", SECOND "x"), "POST", "/p", SECOND "x"),

  REFUSED ("cl-te", 400, POST ("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG")),
  REFUSED ("te-cl", 400,
           POST ("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\nGPOST / HTTP/1.1\r\n")),
  REFUSED ("cl-zero-te", 400, POST ("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", CHUNKS)),
  REFUSED ("cl-te-identity", 400, POST ("Content-Length: 5\r\nTransfer-Encoding: identity\r\n", "hello")),
  REFUSED ("bad-cl-te", 400, POST ("Content-Length: x\r\nTransfer-Encoding: chunked\r\n", CHUNKS)),
  REFUSED ("cl-cl", 400, POST ("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!")),
  REFUSED ("cl-cl-same", 400, POST ("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")),
  REFUSED ("cl-cl-case", 400, POST ("Content-Length: 5\r\nA: b\r\ncontent-length: 5\r\n", "hello")),
  REFUSED ("te-te", 400, POST ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", CHUNKS)),
  REFUSED ("te-te-same", 400, POST ("Transfer-Encoding: chunked\r\ntransfer-encoding: chunked\r\n", CHUNKS)),
  REFUSED ("te-1.0", 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" CHUNKS),
  REFUSED ("te-identity", 501, CODING ("Transfer-Encoding: identity")),
  REFUSED ("te-gzip", 501, CODING ("Transfer-Encoding: gzip")),
  REFUSED ("te-list", 501, CODING ("Transfer-Encoding: gzip, chunked")),
  REFUSED ("te-chunked-twice", 501, CODING ("Transfer-Encoding: chunked, chunked")),
  REFUSED ("te-chunked-first", 501, CODING ("Transfer-Encoding: chunked, identity")),
  REFUSED ("te-comma-before", 501, CODING ("Transfer-Encoding: ,chunked")),
  REFUSED ("te-comma-behind", 501, CODING ("Transfer-Encoding: chunked,")),
  REFUSED ("te-prefix", 501, CODING ("Transfer-Encoding: xchunked")),
  REFUSED ("te-suffix", 501, CODING ("Transfer-Encoding: chunkedx")),
  REFUSED ("te-parameter", 501, CODING ("Transfer-Encoding: chunked;q=1")),
  REFUSED ("te-quoted", 501, CODING ("Transfer-Encoding: \"chunked\"")),
  REFUSED ("te-cow", 501, CODING ("Transfer-Encoding: cow")),
  REFUSED ("te-empty", 501, CODING ("Transfer-Encoding:")),
  REFUSED ("te-inner-space", 501, CODING ("Transfer-Encoding: chun ked")),
  REFUSED ("te-no-break-space", 501, CODING ("Transfer-Encoding: chunked\xa0")),
  REFUSED ("te-vertical-tab", 400, CODING ("Transfer-Encoding: \vchunked")),
  REFUSED ("te-form-feed", 400, CODING ("Transfer-Encoding: chunked\f")),
  REFUSED ("te-tab-before", 400, CODING ("Transfer-Encoding:\tchunked")),
  REFUSED ("te-tab-behind", 400, CODING ("Transfer-Encoding: chunked\t ")),
  REFUSED ("te-nul", 400, CODING ("Transfer-Encoding: chunked\0")),
  REFUSED ("te-cr", 400, CODING ("Transfer-Encoding: chunked\r")),
  REFUSED ("te-space-before-colon", 400, CODING ("Transfer-Encoding : chunked")),
  REFUSED ("te-folded", 400, CODING ("Transfer-Encoding:\r\n chunked")),
  REFUSED ("te-behind-fold", 400, CODING ("X: a\r\n Transfer-Encoding: chunked")),
  REFUSED ("te-behind-bare-lf", 400, CODING ("X: a\nTransfer-Encoding: chunked")),
  REFUSED ("te-behind-bare-cr", 400, CODING ("X: a\rTransfer-Encoding: chunked")),
  REFUSED ("te-nul-in-name", 400, CODING ("Transfer-Encoding\0: chunked")),
  REFUSED ("cl-behind-bare-lf", 400, POST ("X: a\nContent-Length: 5\r\n", "hello")),
  REFUSED ("cl-space-before-colon", 400, POST ("Content-Length : 5\r\n", "hello")),
  REFUSED ("cl-folded", 400, POST ("Content-Length:\r\n 5\r\n", "hello")),
  REFUSED ("header-end-lf-lf", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\n\nhello"),
  REFUSED ("space-line-then-request", 400, "GET / HTTP/1.1\r\n" HOST " \r\n" SECOND),
  REFUSED ("request-in-target", 400, "GET / HTTP/1.1\rHost:a\r\r HTTP/1.1\r\n" HOST "\r\n"),

  /* Names that only look like the real ones: another header, no body. */
  FOLLOWED ("underscore-length", POST ("Content_Length: 5\r\n", ""), "hello", "POST", "/p", ""),
  FOLLOWED ("underscore-te", POST ("Transfer_Encoding: chunked\r\n", ""), "0\r\n\r\n", "POST", "/p", ""),
  FOLLOWED ("length-in-value", POST ("X: Content-Length: 5\r\n", ""), "hello", "POST", "/p", ""),
  FOLLOWED ("long-length-name", POST ("Content-Length-: 5\r\n", ""), "hello", "POST", "/p", ""),
  FOLLOWED ("short-length-name", POST ("Content-Lengt: 5\r\n", ""), "hello", "POST", "/p", ""),
};

const HttpCaseGroup http_smuggling_cases = { "smuggling", cases, G_N_ELEMENTS (cases) };
