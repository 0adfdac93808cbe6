/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "protocol/time.h"

#define DAY_MS G_GINT64_CONSTANT (86400000)
/* 9999-12-31T23:59:59.999Z */
#define LAST_MS G_GINT64_CONSTANT (253402300799999)

/* Days since 1970-01-01 in the proleptic Gregorian calendar (years from March on, in eras of 400 years). */
static gint64
days_from_civil (int year, int month, int day)
{
  int y = month <= 2 ? year - 1 : year;
  int era = y / 400;
  int year_of_era = y - era * 400;
  int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

  return (gint64) era * 146097 + day_of_era - 719468;
}

static void
civil_from_days (gint64 days, int *year, int *month, int *day)
{
  gint64 z = days + 719468;
  int era = (int) (z / 146097);
  int day_of_era = (int) (z - (gint64) era * 146097);
  int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int shifted = (5 * day_of_year + 2) / 153;

  *day = day_of_year - (153 * shifted + 2) / 5 + 1;
  *month = shifted < 10 ? shifted + 3 : shifted - 9;
  *year = year_of_era + era * 400 + (*month <= 2);
}

static void
put_digits (char *at, int n, int value)
{
  for (int i = n - 1; i >= 0; i--, value /= 10)
    at[i] = (char) ('0' + value % 10);
}

char *
tgp_time_format (gint64 ms, char buffer[TGP_TIME_SIZE])
{
  int year, month, day, rest;

  ms = CLAMP (ms, 0, LAST_MS);
  civil_from_days (ms / DAY_MS, &year, &month, &day);
  rest = (int) (ms % DAY_MS);
  put_digits (buffer, 4, year);
  buffer[4] = '-';
  put_digits (buffer + 5, 2, month);
  buffer[7] = '-';
  put_digits (buffer + 8, 2, day);
  buffer[10] = 'T';
  put_digits (buffer + 11, 2, rest / 3600000);
  buffer[13] = ':';
  put_digits (buffer + 14, 2, rest / 60000 % 60);
  buffer[16] = ':';
  put_digits (buffer + 17, 2, rest / 1000 % 60);
  buffer[19] = '.';
  put_digits (buffer + 20, 3, rest % 1000);
  buffer[23] = 'Z';
  buffer[24] = '\0';
  return buffer;
}

static gboolean
take_number (const char **at, int digits, int minimum, int maximum, int *out)
{
  int value = 0;

  for (int i = 0; i < digits; i++, (*at)++)
    {
      if (!g_ascii_isdigit (**at))
        return FALSE;
      value = value * 10 + (**at - '0');
    }
  *out = value;
  return value >= minimum && value <= maximum;
}

static gboolean
take_char (const char **at, char c)
{
  if (**at != c)
    return FALSE;
  (*at)++;
  return TRUE;
}

static int
days_in_month (int year, int month)
{
  static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  gboolean leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

  return month == 2 && leap ? 29 : days[month - 1];
}

/* "Z", "+hh", "+hhmm" or "+hh:mm" up to the end of the text. */
static gboolean
take_offset (const char *at, int *minutes)
{
  int sign, hour, minute = 0;

  *minutes = 0;
  if (*at == 'Z')
    return at[1] == '\0';
  if (*at != '+' && *at != '-')
    return FALSE;
  sign = *at++ == '-' ? -1 : 1;
  if (!take_number (&at, 2, 0, 23, &hour))
    return FALSE;
  if (*at != '\0')
    {
      take_char (&at, ':');
      if (!take_number (&at, 2, 0, 59, &minute))
        return FALSE;
    }
  *minutes = sign * (hour * 60 + minute);
  return *at == '\0';
}

gboolean
tgp_time_parse (const char *text, gint64 *ms)
{
  const char *at = text;
  int year, month, day, hour, minute, second, offset;
  int fraction = 0;
  gint64 result;

  if (text == NULL || !take_number (&at, 4, 1, 9999, &year) || !take_char (&at, '-') ||
      !take_number (&at, 2, 1, 12, &month) || !take_char (&at, '-') ||
      !take_number (&at, 2, 1, days_in_month (year, month), &day) || !take_char (&at, 'T') ||
      !take_number (&at, 2, 0, 23, &hour) || !take_char (&at, ':') || !take_number (&at, 2, 0, 59, &minute) ||
      !take_char (&at, ':') || !take_number (&at, 2, 0, 59, &second))
    return FALSE;
  if (*at == '.' || *at == ',')
    {
      int digits = 0;

      for (at++; g_ascii_isdigit (*at); at++, digits++)
        if (digits < 3)
          fraction = fraction * 10 + (*at - '0');
      if (digits == 0 || digits > 9)
        return FALSE;
      for (; digits < 3; digits++)
        fraction *= 10;
    }
  if (!take_offset (at, &offset))
    return FALSE;
  result = days_from_civil (year, month, day) * DAY_MS +
           (gint64) ((hour * 60 + minute - offset) * 60 + second) * 1000 + fraction;
  if (result < 0 || result > LAST_MS)
    return FALSE;
  *ms = result;
  return TRUE;
}
