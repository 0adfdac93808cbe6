/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/http-answer.h"

#include <string.h>

static const char *
phrase (guint status)
{
  static const struct
  {
    guint status;
    const char *phrase;
  } phrases[] = {
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 301, "Moved Permanently" },
    { 302, "Found" },
    { 303, "See Other" },
    { 304, "Not Modified" },
    { 307, "Temporary Redirect" },
    { 308, "Permanent Redirect" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 402, "Payment Required" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 411, "Length Required" },
    { 412, "Precondition Failed" },
    { 413, "Content Too Large" },
    { 414, "URI Too Long" },
    { 415, "Unsupported Media Type" },
    { 417, "Expectation Failed" },
    { 421, "Misdirected Request" },
    { 422, "Unprocessable Content" },
    { 425, "Too Early" },
    { 426, "Upgrade Required" },
    { 428, "Precondition Required" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 502, "Bad Gateway" },
    { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" },
    { 505, "HTTP Version Not Supported" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (phrases); i++)
    if (phrases[i].status == status)
      return phrases[i].phrase;
  return "";
}

static void
append_number (GString *text, gsize number)
{
  char digits[24];
  guint at = sizeof digits;

  do
    digits[--at] = '0' + number % 10;
  while ((number /= 10) > 0);
  g_string_append_len (text, digits + at, sizeof digits - at);
}

void
edge_answer_write (GString *text, const EdgeAnswer *answer)
{
  gboolean bodiless = answer->status == 204 || answer->status == 304;

  g_string_truncate (text, 0);
  g_string_append (text, "HTTP/1.1 ");
  append_number (text, answer->status);
  g_string_append_c (text, ' ');
  g_string_append (text, phrase (answer->status));
  g_string_append (text, "\r\nDate: ");
  g_string_append (text, answer->date);
  if (answer->content_type != NULL && !bodiless)
    {
      g_string_append (text, "\r\nContent-Type: ");
      g_string_append (text, answer->content_type);
    }
  if (!bodiless)
    {
      g_string_append (text, "\r\nContent-Length: ");
      append_number (text, answer->content_type != NULL ? answer->length : 0);
    }
  if (answer->close)
    g_string_append (text, "\r\nConnection: close");
  g_string_append (text, "\r\n");
  if (answer->headers != NULL)
    g_string_append (text, answer->headers);
  g_string_append (text, "\r\n");
}
