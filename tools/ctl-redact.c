/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ctl-redact.h"

/* A character of a JSON string, whole; and the quotes around a member, which may be in a string themselves.
 */
#define CHARACTER(except) "(?:[^" except "\"\\\\]|\\\\.)"
#define QUOTE             "\\\\?[\"']?"

static const struct
{
  const char *pattern;
  const char *replacement;
} rules[] = {
  { "(//)" CHARACTER ("/?#\\s") "*@", "\\1***@" }, /* https://user:password@host */
  { "(\\b(?:bearer|basic)\\s+)[\\w.~+/=-]+", "\\1***" },
  { "((?:api[-_]?key|secret|token|password|passwd|pwd|signature|credentials?)" QUOTE "\\s*[=:]\\s*" QUOTE
    ")(?!\\*)" CHARACTER ("&;,\\s'") "+",
    "\\1***" },
  { "\\btgw(?:[pk]|_pos|_term)_[\\w-]+", "***" },
  { "\\b[0-9a-f]{64}\\b", "***" }, /* a secret of the gateway's */
  { "\\b[\\w.%+-]+@[\\w-]+(?:\\.[\\w-]+)+", "***" },
  { "(?<![\\w.-])\\d(?:[ -]?\\d){12,18}(?![\\w-])", "***" },
  { "(/home/)" CHARACTER ("/\\s") "+", "\\1***" },
};

char *
ctl_redact (const char *text, GError **error)
{
  g_autofree char *redacted = g_strdup (text);

  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (GRegex) regex = g_regex_new (rules[i].pattern, G_REGEX_CASELESS, 0, error);
      char *next =
        regex != NULL ? g_regex_replace (regex, redacted, -1, 0, rules[i].replacement, 0, error) : NULL;

      if (next == NULL)
        return NULL;
      g_free (redacted);
      redacted = next;
    }
  return g_steal_pointer (&redacted);
}
