/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom the client takes for its gateway, over TLS: nothing that names a key leaves for anybody else. */
#include <glib/gstdio.h>

#include "tests/sdk/certificates.h"
#include "tests/sdk/helpers.h"

static const TgwTransportMode modes[] = { TGW_TRANSPORT_MODE_WEBSOCKET, TGW_TRANSPORT_MODE_HTTP,
                                          TGW_TRANSPORT_MODE_AUTO };

static FakeGateway *
gateway_new (void)
{
  g_autofree char *pem = g_strconcat (certificate_one, certificate_one_key, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_pem (pem, -1, &error);

  g_assert_no_error (error);
  return fake_gateway_new_with_tls (certificate);
}

/* A file in the tests' folder with this in it. */
static char *
file_of (const char *text)
{
  char *path = journal_path_new ();

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static TgwClient *
trusting (const char *url, TgwTransportMode mode, const char *ca_file, const char *pin)
{
  g_autofree char *journal = journal_path_new ();
  g_autoptr (GError) error = NULL;
  TgwClient *client =
    g_initable_new (TGW_TYPE_CLIENT, NULL, &error, "gateway-url", url, "api-key", FAKE_KEY, "api-secret",
                    FAKE_SECRET, "journal-path", journal, "transport", mode, "ca-file", ca_file,
                    "certificate-pin", pin, "reconnect-policy", TGW_RECONNECT_POLICY_NEVER, NULL);

  g_assert_no_error (error);
  return client;
}

static void
assert_refused (FakeGateway *gateway, const char *ca_file, const char *pin, TgwError code, const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      TgwClient *client = trusting (gateway->url, modes[i], ca_file, pin);
      g_autoptr (GError) error = client_connect_error (client);

      g_assert_error (error, TGW_ERROR, (int) code);
      if (strstr (error->message, word) == NULL)
        g_error ("“%s” is not in “%s”", word, error->message);
      g_assert_cmpuint (gateway->n_requests, ==, 0);
      g_assert_cmpint (tgw_client_get_state (client), ==, TGW_CLIENT_STATE_DISCONNECTED);
      client_finalize (client);
    }
}

static void
assert_accepted (const char *ca_file, const char *pin)
{
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (FakeGateway) gateway = gateway_new ();
      TgwClient *client = trusting (gateway->url, modes[i], ca_file, pin);

      client_connect (client);
      g_assert_cmpuint (gateway->n_requests, >, 0);
      client_finalize (client);
    }
}

static void
test_untrusted (void)
{
  g_autoptr (FakeGateway) gateway = gateway_new ();

  assert_refused (gateway, NULL, NULL, TGW_ERROR_UNTRUSTED, "not trusted");
}

static void
test_ca_file (void)
{
  g_autoptr (FakeGateway) gateway = gateway_new ();
  g_autofree char *right = file_of (certificate_one), *wrong = file_of (certificate_two),
                  *none = file_of ("not a certificate\n"), *empty = file_of (""),
                  *missing = journal_path_new ();
  g_autofree char *both = g_strconcat (certificate_two, certificate_one, NULL), *bundle = file_of (both);

  assert_refused (gateway, wrong, NULL, TGW_ERROR_UNTRUSTED, "not trusted");
  assert_refused (gateway, missing, NULL, TGW_ERROR_UNTRUSTED, missing);
  assert_refused (gateway, none, NULL, TGW_ERROR_UNTRUSTED, none);
  assert_refused (gateway, empty, NULL, TGW_ERROR_UNTRUSTED, empty);
  assert_accepted (right, NULL);
  assert_accepted (bundle, NULL);
}

static void
test_pin (void)
{
  g_autoptr (FakeGateway) gateway = gateway_new ();
  g_autofree char *right = file_of (certificate_one), *other = g_strdup (certificate_one_pin),
                  *plain = g_strdup (certificate_one_pin);
  g_auto (GStrv) pairs = g_strsplit (certificate_one_pin, ":", -1);
  g_autofree char *joined = g_strjoinv ("", pairs), *lower = g_ascii_strdown (joined, -1);

  other[0] = other[0] == 'A' ? 'B' : 'A';
  assert_refused (gateway, NULL, other, TGW_ERROR_UNTRUSTED, "");
  assert_refused (gateway, right, other, TGW_ERROR_UNTRUSTED, "pinned"); /* trusted, and yet not the one */
  plain[strlen (plain) - 1] = '\0';
  assert_refused (gateway, NULL, plain, TGW_ERROR_INVALID_FIELD, "64");
  assert_refused (gateway, NULL, "", TGW_ERROR_INVALID_FIELD, "64");
  assert_refused (gateway, NULL, "nonsense", TGW_ERROR_INVALID_FIELD, "nonsense");
  assert_accepted (NULL, certificate_one_pin); /* that nobody else vouches for it does not matter */
  assert_accepted (NULL, lower);
  assert_accepted (right, certificate_one_pin);
}

/* The pin holds for the request too that asks why a handshake was refused, and for every later connection. */
static void
test_pin_holds (void)
{
  g_autoptr (FakeGateway) gateway = gateway_new ();
  TgwClient *client = trusting (gateway->url, TGW_TRANSPORT_MODE_AUTO, NULL, certificate_one_pin);
  g_autoptr (GError) error = NULL;

  gateway->refuse_status = 401;
  gateway->refuse_body = g_strdup ("{\"code\":\"INVALID_SIGNATURE\",\"message\":\"no\"}");
  error = client_connect_error (client);
  g_assert_error (error, TGW_ERROR, TGW_ERROR_INVALID_SIGNATURE);
  gateway->refuse_status = 0;
  for (guint i = 0; i < 5; i++)
    {
      client_connect (client);
      tgw_client_close (client);
    }
  client_finalize (client);
}

static void
test_pays (void)
{
  g_autoptr (FakeGateway) gateway = gateway_new ();
  TgwClient *client = trusting (gateway->url, TGW_TRANSPORT_MODE_AUTO, NULL, certificate_one_pin);
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  client_finalize (client);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  g_ptr_array_add (data, g_object_ref (connection));
  return TRUE;
}

/* Somebody listens and never speaks TLS: one wait, not another one for the other way. */
static void
test_silent_port (void)
{
  g_autoptr (GSocketService) service = g_socket_service_new ();
  g_autoptr (GPtrArray) connections = g_ptr_array_new_with_free_func (g_object_unref);
  guint16 port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, NULL);
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%u", port);
  g_autoptr (GError) error = NULL;
  TgwClient *client = trusting (url, TGW_TRANSPORT_MODE_AUTO, NULL, NULL);

  g_signal_connect (service, "incoming", G_CALLBACK (on_incoming), connections);
  client->open_timeout = 200;
  error = client_connect_error (client);
  g_assert_error (error, TGW_ERROR, TGW_ERROR_UNREACHABLE);
  g_assert_cmpuint (connections->len, ==, 1);
  g_ptr_array_set_size (connections, 0);
  g_socket_service_stop (service);
  client_finalize (client);
}

static void
test_plain_text (void)
{
  static const struct
  {
    const char *url;
    gboolean allowed;
    int code;
  } cases[] = {
    { "http://192.0.2.7:8470", FALSE, TGW_ERROR_INSECURE_ADDRESS },
    { "ws://gateway.example", FALSE, TGW_ERROR_INSECURE_ADDRESS },
    { "http://127.0.0.1.gateway.example", FALSE, TGW_ERROR_INSECURE_ADDRESS },
    { "http://localhost.gateway.example", FALSE, TGW_ERROR_INSECURE_ADDRESS },
    { "http://0.0.0.0:1", FALSE, TGW_ERROR_INSECURE_ADDRESS },
    { "http://127.0.0.1:1", FALSE, TGW_ERROR_UNREACHABLE },
    { "http://localhost:1", FALSE, TGW_ERROR_UNREACHABLE },
    { "http://[::1]:1", FALSE, TGW_ERROR_UNREACHABLE },
    { "https://127.0.0.1:1", FALSE, TGW_ERROR_UNREACHABLE },
    { "http://0.0.0.0:1", TRUE, TGW_ERROR_UNREACHABLE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize mode = 0; mode < G_N_ELEMENTS (modes); mode++)
      {
        TgwClient *client = trusting (cases[i].url, modes[mode], NULL, NULL);
        g_autoptr (GError) error = NULL;

        tgw_client_set_allow_plain_text (client, cases[i].allowed);
        error = client_connect_error (client);
        g_assert_error (error, TGW_ERROR, cases[i].code);
        client_finalize (client);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/trust/untrusted", test_untrusted);
  g_test_add_func ("/sdk/trust/ca-file", test_ca_file);
  g_test_add_func ("/sdk/trust/pin", test_pin);
  g_test_add_func ("/sdk/trust/pin-holds", test_pin_holds);
  g_test_add_func ("/sdk/trust/pays", test_pays);
  g_test_add_func ("/sdk/trust/silent-port", test_silent_port);
  g_test_add_func ("/sdk/trust/plain-text", test_plain_text);
  return g_test_run ();
}
