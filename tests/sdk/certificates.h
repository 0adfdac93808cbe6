/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two certificates for 127.0.0.1 and localhost that sign themselves, good for a hundred years and for tests
 * only; the first with its key. Made by:
 * openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj "/CN=gateway
 * test" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -addext "basicConstraints=critical,CA:TRUE" */
#pragma once

static const char certificate_one[] = "-----BEGIN CERTIFICATE-----\n"
                                      "MIIBqTCCAU+gAwIBAgIUau4npvWacuHsBIdj82QBNTS2upEwCgYIKoZIzj0EAwIw\n"
                                      "GzEZMBcGA1UEAwwQZ2F0ZXdheSB0ZXN0IG9uZTAgFw0yNjExMjUxMzQzNTdaGA8y\n"
                                      "MTI2MTEwMTEzNDM1N1owGzEZMBcGA1UEAwwQZ2F0ZXdheSB0ZXN0IG9uZTBZMBMG\n"
                                      "ByqGSM49AgEGCCqGSM49AwEHA0IABBZaVgBB1FaaNM5fVX8DCuUQO9Qr7C6zvDNn\n"
                                      "lKNwY0R0m2j3V3ZCquN8R/serh0ReLNXXSOzp+Dpw8w0Z492zRyjbzBtMB0GA1Ud\n"
                                      "DgQWBBT4UoBm9K2WGqFZzhyanUwqmiZV8zAfBgNVHSMEGDAWgBT4UoBm9K2WGqFZ\n"
                                      "zhyanUwqmiZV8zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwDwYDVR0TAQH/\n"
                                      "BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiARv94Orrce33SgRzhp2NotsbfhBix0\n"
                                      "biKBCt1Yaus7agIhAOz8vj/dlWB8wVA7jpWhTjMuVieD7PBetPIbTSwx136T\n"
                                      "-----END CERTIFICATE-----\n";

static const char certificate_one_key[] = "-----BEGIN PRIVATE KEY-----\n"
                                          "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTMifMrcL6Ma2yBKN\n"
                                          "0qBYgA5VgDhZvRAp25OyKskWQH6hRANCAAQWWlYAQdRWmjTOX1V/AwrlEDvUK+wu\n"
                                          "s7wzZ5SjcGNEdJto91d2QqrjfEf7Hq4dEXizV10js6fg6cPMNGePds0c\n"
                                          "-----END PRIVATE KEY-----\n";

/* SHA-256 */
static const char certificate_one_pin[] =
  "9A:DA:D2:35:9B:55:07:97:AA:C9:0E:54:21:BC:67:9A:54:A5:82:E7:70:65:18:7D:00:2F:AF:88:B1:DD:BA:5C";

static const char certificate_two[] = "-----BEGIN CERTIFICATE-----\n"
                                      "MIIBqjCCAU+gAwIBAgIUEAZY+TpHKr9u4QEmKfVGHzMaRxYwCgYIKoZIzj0EAwIw\n"
                                      "GzEZMBcGA1UEAwwQZ2F0ZXdheSB0ZXN0IHR3bzAgFw0yNjExMjUxMzQzNTdaGA8y\n"
                                      "MTI2MTEwMTEzNDM1N1owGzEZMBcGA1UEAwwQZ2F0ZXdheSB0ZXN0IHR3bzBZMBMG\n"
                                      "ByqGSM49AgEGCCqGSM49AwEHA0IABOGIBba2eZbRBBViOgDwhPtPO5m0EpkuFTy/\n"
                                      "E68vCwTVtSWsTHWSBlSVaQzb9WENkJC/uh0EDoa7yguPuzwuYtSjbzBtMB0GA1Ud\n"
                                      "DgQWBBRrwHzArJvPfEjJqh3USa0VW99xnzAfBgNVHSMEGDAWgBRrwHzArJvPfEjJ\n"
                                      "qh3USa0VW99xnzAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwDwYDVR0TAQH/\n"
                                      "BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAzYbzGpnEy3PtgFYyADAX8jPMnXVc\n"
                                      "BIMfN6UUlLQW08ECIQCoRl5b6Hs/h4Mom8sulSyo5ScBLDN3+UhUYRCfHn8jPQ==\n"
                                      "-----END CERTIFICATE-----\n";
