/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-trust.h"

#include "libtgwclient/tgw-error.h"

#define PIN_LENGTH 64
#define MARK       "tgw-other-certificate"

gboolean
tgw_trust_use_file (SoupSession *session, const char *ca_file, GError **error)
{
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) reason = NULL;

  if (ca_file == NULL)
    return TRUE;
  database = g_tls_file_database_new (ca_file, &reason);
  if (database == NULL)
    {
      g_set_error (error, TGW_ERROR, TGW_ERROR_UNTRUSTED, "The file of certificates “%s” cannot be used: %s",
                   ca_file, reason->message);
      return FALSE;
    }
  soup_session_set_tls_database (session, database);
  return TRUE;
}

char *
tgw_trust_read_pin (const char *text, GError **error)
{
  g_autoptr (GString) pin = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    if (*p != ':')
      g_string_append_c (pin, g_ascii_tolower (*p));
  if (pin->len != PIN_LENGTH || strspn (pin->str, "0123456789abcdef") != PIN_LENGTH)
    {
      g_set_error (
        error, TGW_ERROR, TGW_ERROR_INVALID_FIELD,
        "certificate-pin “%s” is no SHA-256: it has 64 hexadecimal digits, as “openssl x509 -noout "
        "-fingerprint -sha256” prints them",
        text);
      return NULL;
    }
  return g_string_free (g_steal_pointer (&pin), FALSE);
}

static gboolean
is_pinned (GTlsCertificate *certificate, const char *pin)
{
  g_autoptr (GByteArray) der = NULL;
  g_autofree char *digest = NULL;

  g_object_get (certificate, "certificate", &der, NULL);
  if (der == NULL)
    return FALSE;
  digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
  return strcmp (digest, pin) == 0;
}

typedef struct
{
  char *pin;
  GCancellable *cancellable;
} Watch;

static void
watch_free (gpointer data, GClosure *closure)
{
  Watch *watch = data;

  g_free (watch->pin);
  g_object_unref (watch->cancellable);
  g_free (watch);
}

/* Whoever issued it, and whatever name is in it. */
static gboolean
on_accept (SoupMessage *message, GTlsCertificate *certificate, GTlsCertificateFlags errors, gpointer data)
{
  const Watch *watch = data;

  return is_pinned (certificate, watch->pin);
}

/* Nobody asks whether to accept a certificate that the system trusts. */
static void
on_certificate (SoupMessage *message, GParamSpec *pspec, gpointer data)
{
  const Watch *watch = data;
  GTlsCertificate *certificate = soup_message_get_tls_peer_certificate (message);

  if (certificate == NULL || is_pinned (certificate, watch->pin))
    return;
  g_object_set_data (G_OBJECT (message), MARK, GINT_TO_POINTER (TRUE));
  g_cancellable_cancel (watch->cancellable);
}

static Watch *
watch_new (const char *pin, GCancellable *cancellable)
{
  Watch *watch = g_new0 (Watch, 1);

  watch->pin = g_strdup (pin);
  watch->cancellable = g_object_ref (cancellable);
  return watch;
}

void
tgw_trust_watch (SoupMessage *message, const char *pin, GCancellable *cancellable)
{
  if (pin == NULL)
    return;
  g_signal_connect_data (message, "accept-certificate", G_CALLBACK (on_accept), watch_new (pin, cancellable),
                         watch_free, 0);
  g_signal_connect_data (message, "notify::tls-peer-certificate", G_CALLBACK (on_certificate),
                         watch_new (pin, cancellable), watch_free, 0);
}

GError *
tgw_trust_explain (SoupMessage *message, const GError *error)
{
  if (g_object_get_data (G_OBJECT (message), MARK) != NULL)
    return g_error_new_literal (TGW_ERROR, TGW_ERROR_UNTRUSTED,
                                "The gateway's certificate is not the pinned one; nothing was sent");
  if (error->domain == G_TLS_ERROR)
    return g_error_new (TGW_ERROR, TGW_ERROR_UNTRUSTED, "The gateway's certificate is not trusted: %s",
                        error->message);
  return g_error_new (TGW_ERROR, TGW_ERROR_UNREACHABLE, "The gateway cannot be reached: %s", error->message);
}
