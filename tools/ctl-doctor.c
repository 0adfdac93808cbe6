/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One check after the other; each says what it found, and what to do about it. */
#include "tools/ctl-doctor.h"
#include "tools/ctl-http.h"
#include "tools/ctl-print.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libtgwclient/tgwclient.h"

void
ctl_doctor_report (CtlDoctor *doctor, const char *check, CtlFinding finding, int exit_code, const char *text,
                   const char *advice)
{
  static const char *const marks[] = { "ok   ", "-    ", "WRONG" };
  static const char *const names[] = { "ok", "skipped", "wrong" };

  if (finding == CTL_FINDING_WRONG && doctor->exit_code == EXIT_CODE_OK)
    doctor->exit_code = exit_code;
  tgp_json_open_object (&doctor->writer, NULL);
  tgp_json_string (&doctor->writer, "check", check);
  tgp_json_string (&doctor->writer, "finding", names[finding]);
  tgp_json_string (&doctor->writer, "text", text);
  tgp_json_optional_string (&doctor->writer, "advice", advice);
  tgp_json_close_object (&doctor->writer);
  if (doctor->options->json)
    return;
  ctl_print ("%s  %-14s %s", marks[finding], check, text);
  if (advice != NULL)
    ctl_print ("       %-14s → %s", "", advice);
}

static void
check_clock (CtlDoctor *doctor, CtlHttp *http)
{
  g_autofree char *text = NULL;
  gint64 skew;

  if (!ctl_http_get_clock_skew (http, &skew))
    {
      ctl_doctor_report (doctor, "clock", CTL_FINDING_SKIPPED, 0, "the gateway did not say what time it has",
                         NULL);
      return;
    }
  text = g_strdup_printf ("this computer is %" G_GINT64_FORMAT " s %s the gateway", ABS (skew),
                          skew > 0 ? "behind" : "ahead of");
  if (ABS (skew) > 300)
    ctl_doctor_report (
      doctor, "clock", CTL_FINDING_WRONG, EXIT_CODE_REFUSED, text,
      "set the clocks right (systemd-timesyncd or chrony); more than 300 s and every request is refused");
  else if (ABS (skew) > 60)
    ctl_doctor_report (doctor, "clock", CTL_FINDING_OK, 0, text,
                       "it works, but keep the clocks in step before it does not");
  else
    ctl_doctor_report (doctor, "clock", CTL_FINDING_OK, 0, "in step with the gateway", NULL);
}

static gboolean
check_gateway (CtlDoctor *doctor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CtlHttp) http = ctl_http_new_public (doctor->options, &error);
  g_autoptr (TgpJson) health = NULL, ready = NULL;

  if (http == NULL)
    {
      ctl_doctor_report (doctor, "gateway", CTL_FINDING_WRONG, EXIT_CODE_USAGE, error->message,
                         "look at --gateway");
      return FALSE;
    }
  health = ctl_http_call (http, "GET", "/healthz", NULL, &error);
  if (health == NULL && error->code == TGW_ERROR_UNREACHABLE)
    {
      ctl_doctor_report (doctor, "gateway", CTL_FINDING_WRONG, EXIT_CODE_UNREACHABLE, error->message,
                         "start it (“tgw-gateway”), or look at --gateway and at the firewall");
      return FALSE;
    }
  if (health == NULL && error->code != TGW_ERROR_PROTOCOL)
    {
      ctl_doctor_report (doctor, "gateway", CTL_FINDING_WRONG, EXIT_CODE_UNREACHABLE, error->message,
                         "something answers there, but it is no healthy gateway; look at --gateway");
      return FALSE;
    }
  ctl_doctor_report (doctor, "gateway", CTL_FINDING_OK, 0, "reachable", NULL);
  g_clear_error (&error);
  ready = ctl_http_call (http, "GET", "/readyz", NULL, &error);
  if (ready == NULL && error->code != TGW_ERROR_PROTOCOL)
    ctl_doctor_report (doctor, "ready", CTL_FINDING_WRONG, EXIT_CODE_UNREACHABLE, error->message,
                       "it takes no payments now: it stops, or cannot write to its disk; look at its log");
  else
    ctl_doctor_report (doctor, "ready", CTL_FINDING_OK, 0, "takes payments", NULL);
  check_clock (doctor, http);
  return TRUE;
}

static const char *
advice_for_key (const GError *error)
{
  switch (error->code)
    {
    case TGW_ERROR_UNAUTHORIZED:
      return "make a new key with “tgwctl keys create”, or look whether it was revoked with “tgwctl keys "
             "list”";
    case TGW_ERROR_INVALID_SIGNATURE:
      return "key and secret do not belong together; use the key file as it was printed";
    case TGW_ERROR_TIMESTAMP_EXPIRED:
      return "set this computer's clock right";
    case TGW_ERROR_GROUP_MISMATCH:
      return "this is a terminal's key; a till needs one with --role pos";
    default:
      return NULL;
    }
}

static void
check_key (CtlDoctor *doctor, gboolean reachable)
{
  g_autofree char *api_key = NULL, *api_secret = NULL, *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  GStatBuf status;

  if (doctor->options->key_file == NULL && g_getenv ("TGW_API_KEY") == NULL)
    {
      ctl_doctor_report (doctor, "key", CTL_FINDING_SKIPPED, 0, "no key was given",
                         "--api-key-file FILE has it checked");
      return;
    }
  if (!ctl_options_load_key (doctor->options, &api_key, &api_secret, &error))
    {
      ctl_doctor_report (doctor, "key", CTL_FINDING_WRONG, EXIT_CODE_USAGE, error->message, NULL);
      return;
    }
  if (doctor->options->key_file != NULL && g_stat (doctor->options->key_file, &status) == 0 &&
      (status.st_mode & 077) != 0)
    ctl_doctor_report (doctor, "key file", CTL_FINDING_WRONG, EXIT_CODE_REFUSED,
                       "other users of this computer can read the secret", "chmod 600 on the key file");
  if (!reachable)
    {
      ctl_doctor_report (doctor, "key", CTL_FINDING_SKIPPED, 0, "cannot be checked without the gateway",
                         NULL);
      return;
    }
  http = ctl_http_new_pos (doctor->options, &error);
  json = http != NULL ? ctl_http_call (http, "GET", "/v1/terminals", NULL, &error) : NULL;
  if (json == NULL)
    {
      ctl_doctor_report (doctor, "key", CTL_FINDING_WRONG, EXIT_CODE_REFUSED, error->message,
                         advice_for_key (error));
      return;
    }
  text = g_strdup_printf ("valid; its group has %u terminals",
                          tgp_value_length (tgp_value_member (tgp_json_root (json), "terminals")));
  ctl_doctor_report (doctor, "key", CTL_FINDING_OK, 0, text, NULL);
}

static void
check_state_folder (CtlDoctor *doctor)
{
  g_autofree char *folder =
    doctor->options->state_dir != NULL ? g_strdup (doctor->options->state_dir) : ctl_default_state_dir ();
  g_autofree char *socket = g_build_filename (folder, "admin.sock", NULL), *text = NULL;
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf status;

  if (g_stat (folder, &status) != 0)
    {
      gboolean named = doctor->options->state_dir != NULL;

      text = g_strdup_printf ("there is no %s", folder);
      ctl_doctor_report (doctor, "state folder", named ? CTL_FINDING_WRONG : CTL_FINDING_SKIPPED,
                         EXIT_CODE_USAGE, text,
                         "--state-dir DIR names the gateway's, if it runs on this computer");
      return;
    }
  if ((status.st_mode & 077) != 0)
    {
      text = g_strdup_printf ("other users of this computer can open %s", folder);
      ctl_doctor_report (doctor, "state folder", CTL_FINDING_WRONG, EXIT_CODE_REFUSED, text,
                         "chmod 700 on it");
    }
  else if (g_access (folder, R_OK | W_OK | X_OK) != 0)
    {
      text = g_strdup_printf ("%s belongs to another user", folder);
      ctl_doctor_report (doctor, "state folder", CTL_FINDING_WRONG, EXIT_CODE_REFUSED, text,
                         "run this as the gateway's user, for instance with “sudo -u”");
      return;
    }
  else
    ctl_doctor_report (doctor, "state folder", CTL_FINDING_OK, 0, folder, NULL);

  if (g_stat (socket, &status) != 0)
    {
      ctl_doctor_report (doctor, "admin socket", CTL_FINDING_WRONG, EXIT_CODE_UNREACHABLE,
                         "no gateway is running on this state folder",
                         "start “tgw-gateway --state-dir” on it");
      return;
    }
  http = ctl_http_new_admin (doctor->options);
  json = ctl_http_call (http, "GET", "/admin/status", NULL, &error);
  if (json == NULL)
    ctl_doctor_report (doctor, "admin socket", CTL_FINDING_WRONG, EXIT_CODE_UNREACHABLE, error->message,
                       "the gateway died without cleaning up, or hangs; look at its log");
  else
    {
      g_autofree char *version = ctl_text (tgp_json_root (json), "version"),
                      *online = ctl_text (tgp_json_root (json), "terminalsOnline"),
                      *open = ctl_text (tgp_json_root (json), "openPayments");

      text = g_strdup_printf ("gateway %s, %s terminals online, %s payments open", version, online, open);
      ctl_doctor_report (doctor, "admin socket", CTL_FINDING_OK, 0, text, NULL);
    }
}

void
ctl_doctor_begin (CtlDoctor *doctor, const CtlOptions *options)
{
  *doctor = (CtlDoctor){ options, { 0 }, EXIT_CODE_OK };
  tgp_json_writer_init (&doctor->writer);
  tgp_json_open_object (&doctor->writer, NULL);
  tgp_json_open_array (&doctor->writer, "checks");
}

int
ctl_doctor_end (CtlDoctor *doctor)
{
  g_autofree char *json = NULL;

  tgp_json_close_array (&doctor->writer);
  tgp_json_boolean (&doctor->writer, "healthy", doctor->exit_code == EXIT_CODE_OK);
  tgp_json_close_object (&doctor->writer);
  json = tgp_json_writer_end (&doctor->writer);
  if (doctor->options->json)
    ctl_print ("%s", json);
  else
    ctl_print ("%s", doctor->exit_code == EXIT_CODE_OK ? "\nNothing is wrong."
                                                       : "\nSomething is wrong; see above.");
  return doctor->exit_code;
}

int
ctl_doctor (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  CtlDoctor doctor;
  gboolean reachable;
  int exit_code;

  if (!ctl_options_parse (&options, verb, NULL, argc, argv, &exit_code))
    return exit_code;
  ctl_doctor_begin (&doctor, &options);
  reachable = check_gateway (&doctor);
  check_key (&doctor, reachable);
  check_state_folder (&doctor);
  return ctl_doctor_end (&doctor);
}
