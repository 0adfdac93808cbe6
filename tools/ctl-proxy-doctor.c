/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is wrong with the local proxy, and what to do about it. */
#include "tools/ctl-doctor.h"
#include "tools/ctl-http.h"
#include "tools/ctl-print.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <sys/stat.h>

#define DAY_S             86400
#define CERTIFICATE_DAYS  21 /* less left than that is worth a word */
#define CONNECT_TIMEOUT_S 10

static void
check_folder (CtlDoctor *doctor)
{
  g_autofree char *folder =
    doctor->options->state_dir != NULL ? g_strdup (doctor->options->state_dir) : ctl_default_proxy_dir ();
  GStatBuf status;

  if (g_stat (folder, &status) != 0)
    ctl_doctor_report (doctor, "state folder", CTL_FINDING_WRONG, EXIT_CODE_USAGE, folder,
                       "there is none; --state-dir DIR names the proxy's");
  else if ((status.st_mode & 077) != 0)
    ctl_doctor_report (doctor, "state folder", CTL_FINDING_WRONG, EXIT_CODE_REFUSED, folder,
                       "other users can open it: chmod 700 on it");
  else
    ctl_doctor_report (doctor, "state folder", CTL_FINDING_OK, 0, folder, NULL);
}

static void
check_gateway (CtlDoctor *doctor, TgpValue gateway)
{
  g_autofree char *state = ctl_text (gateway, "state"), *since = ctl_time (gateway, "since"),
                  *reason = ctl_text (gateway, "reason"), *by = ctl_text (gateway, "displacedBy"),
                  *text =
                    g_strdup_printf ("%s since %s%s%s", state, since,
                                     *reason != '\0' || *by != '\0' ? ": " : "", *by != '\0' ? by : reason);

  if (g_str_equal (state, "online"))
    ctl_doctor_report (doctor, "gateway", CTL_FINDING_OK, 0, text, NULL);
  else if (g_str_equal (state, "displaced"))
    ctl_doctor_report (doctor, "gateway", CTL_FINDING_WRONG, EXIT_CODE_REFUSED, text,
                       *reason != '\0'
                         ? "the gateway ended the connection: ask who runs it, then “tgwctl proxy take-back”"
                         : "another program uses the same API key: stop it or give it a key of its own, then "
                           "“tgwctl proxy take-back”");
  else
    ctl_doctor_report (doctor, "gateway", CTL_FINDING_WRONG, EXIT_CODE_UNREACHABLE, text,
                       "look at proxy.gateway, at the network, at the API key; it is tried again by itself");
}

static void
check_clock (CtlDoctor *doctor, TgpValue gateway)
{
  g_autofree char *skew = ctl_text (gateway, "clockSkewSeconds");
  gint64 seconds = g_ascii_strtoll (skew, NULL, 10);
  g_autofree char *text = g_strdup_printf ("%s s off the gateway's", skew);

  ctl_doctor_report (
    doctor, "clock", ABS (seconds) > 60 ? CTL_FINDING_WRONG : CTL_FINDING_OK, EXIT_CODE_REFUSED, text,
    ABS (seconds) > 60 ? "set this computer's clock right; from 300 s on the gateway refuses" : NULL);
}

/* The proxy's library does not tell of its certificate, so it is looked at by a request of one's own. */
static void
check_certificate (CtlDoctor *doctor, TgpValue gateway)
{
  g_autofree char *url = ctl_text (gateway, "url"), *text = NULL, *day = NULL;
  g_autoptr (SoupSession) session = soup_session_new_with_options ("timeout", CONNECT_TIMEOUT_S, NULL);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GDateTime) end = NULL, now = g_date_time_new_now_utc ();
  GTlsCertificate *certificate;
  gint64 days;

  if (!g_str_has_prefix (url, "https://") && !g_str_has_prefix (url, "wss://"))
    {
      ctl_doctor_report (doctor, "certificate", CTL_FINDING_SKIPPED, 0,
                         "the gateway is spoken to without TLS", NULL);
      return;
    }
  text = g_strconcat ("https", strchr (url, ':'), NULL);
  message = soup_message_new ("GET", text);
  answer = message != NULL ? soup_session_send_and_read (session, message, NULL, NULL) : NULL;
  certificate = message != NULL ? soup_message_get_tls_peer_certificate (message) : NULL;
  end = certificate != NULL ? g_tls_certificate_get_not_valid_after (certificate) : NULL;
  if (end == NULL)
    {
      ctl_doctor_report (doctor, "certificate", CTL_FINDING_SKIPPED, 0, "its end could not be found out",
                         NULL);
      return;
    }
  days = g_date_time_difference (end, now) / G_USEC_PER_SEC / DAY_S;
  day = g_date_time_format (end, "%F");
  g_free (text);
  text = g_strdup_printf ("valid until %s, %" G_GINT64_FORMAT " days", day, days);
  ctl_doctor_report (doctor, "certificate", days < CERTIFICATE_DAYS ? CTL_FINDING_WRONG : CTL_FINDING_OK,
                     EXIT_CODE_REFUSED, text,
                     days < CERTIFICATE_DAYS ? "have the gateway's certificate renewed" : NULL);
}

static void
check_terminals (CtlDoctor *doctor, TgpValue root)
{
  TgpValue terminals = tgp_value_member (root, "terminals");
  guint online = 0;
  g_autofree char *text = NULL;

  for (TgpValue one = tgp_value_first (terminals); tgp_value_exists (one); one = tgp_value_next (one))
    online += tgp_value_equal (tgp_value_member (one, "status"), "online");
  text = g_strdup_printf ("%u of %u online", online, tgp_value_length (terminals));
  ctl_doctor_report (doctor, "terminals", online == 0 ? CTL_FINDING_WRONG : CTL_FINDING_OK,
                     EXIT_CODE_UNREACHABLE, text,
                     online == 0 ? "switch one on; it must use a key of the same group" : NULL);
}

static void
check_clients (CtlDoctor *doctor, TgpValue root)
{
  TgpValue clients = tgp_value_member (root, "clients");
  guint n = tgp_value_length (clients), unclaimed = tgp_value_length (tgp_value_member (root, "unclaimed"));
  g_autofree char *text = g_strdup_printf ("%u known", n);

  if (n == 0)
    ctl_doctor_report (doctor, "clients", CTL_FINDING_WRONG, EXIT_CODE_REFUSED, text,
                       "“tgwctl proxy pair NAME” lets a program in");
  else
    ctl_doctor_report (doctor, "clients", CTL_FINDING_OK, 0, text, NULL);
  if (unclaimed > 0)
    ctl_doctor_report (doctor, "unclaimed", CTL_FINDING_WRONG, EXIT_CODE_UNKNOWN,
                       "there are outcomes that no program gets", "“tgwctl proxy status” lists them");
}

static void
check_journal (CtlDoctor *doctor, TgpValue gateway)
{
  g_autofree char *damaged = ctl_text (gateway, "damagedJournal");

  if (*damaged != '\0')
    ctl_doctor_report (doctor, "journal", CTL_FINDING_WRONG, EXIT_CODE_UNKNOWN, damaged,
                       "the payment journal was damaged; what could be read was taken over. Check the disk");
  else
    ctl_doctor_report (doctor, "journal", CTL_FINDING_OK, 0, "sound", NULL);
}

int
ctl_proxy_doctor (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  CtlDoctor doctor;
  TgpValue gateway;
  int exit_code;

  if (!ctl_options_parse (&options, verb, NULL, argc, argv, &exit_code))
    return exit_code;
  ctl_doctor_begin (&doctor, &options);
  check_folder (&doctor);
  http = ctl_http_new_proxy (&options);
  json = ctl_http_call (http, "GET", "/admin/status", NULL, &error);
  if (json == NULL)
    {
      ctl_doctor_report (&doctor, "proxy", CTL_FINDING_WRONG, EXIT_CODE_UNREACHABLE, error->message,
                         "start it: “systemctl start tgw-proxy”, or “systemctl --user start tgw-proxy”");
      return ctl_doctor_end (&doctor);
    }
  g_autofree char *version = ctl_text (tgp_json_root (json), "version"),
                  *text = g_strdup_printf ("version %s is running", version);
  ctl_doctor_report (&doctor, "proxy", CTL_FINDING_OK, 0, text, NULL);
  gateway = tgp_value_member (tgp_json_root (json), "gateway");
  check_gateway (&doctor, gateway);
  check_clock (&doctor, gateway);
  check_certificate (&doctor, gateway);
  check_journal (&doctor, gateway);
  check_terminals (&doctor, tgp_json_root (json));
  check_clients (&doctor, tgp_json_root (json));
  return ctl_doctor_end (&doctor);
}
