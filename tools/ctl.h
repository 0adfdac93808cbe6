/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of tgwctl, and what they share. */
#pragma once

#include <glib.h>

#include "protocol/json.h"
#include "tools/exit-codes.h"

G_BEGIN_DECLS

typedef struct _CtlVerb CtlVerb;

struct _CtlVerb
{
  const char *noun; /* "keys"; NULL for a verb that stands alone */
  const char *name;
  const char *arguments; /* "KEYID"; nullable */
  const char *summary;
  const char *example;
  int (*run) (const CtlVerb *verb, int argc, char **argv);
  guint min_arguments;
  guint max_arguments;
  guint options;    /* CtlOptionSet */
  const char *more; /* for --help, behind the options; nullable */
};

typedef enum
{
  CTL_ADMIN = 1 << 0, /* --state-dir */
  CTL_PROXY = 1 << 2, /* the same, of the local proxy */
  CTL_POS = 1 << 1    /* --gateway, --api-key-file */
} CtlOptionSet;

typedef struct
{
  gboolean json;
  char *state_dir;
  char *gateway;
  char *key_file;
  gboolean allow_plain_text;
  GPtrArray *arguments; /* char *, without options */
} CtlOptions;

/* own: options of this verb; nullable. FALSE: the program ends with *exit_code. */
gboolean ctl_options_parse (CtlOptions *options, const CtlVerb *verb, const GOptionEntry *own, int argc,
                            char **argv, int *exit_code);
void ctl_options_clear (CtlOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CtlOptions, ctl_options_clear)

/* The key of --api-key-file or of the environment. */
gboolean ctl_options_load_key (const CtlOptions *options, char **api_key, char **api_secret, GError **error);
const char *ctl_options_argument (const CtlOptions *options, guint index);

int ctl_usage (const CtlVerb *verb, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Says what went wrong and returns the exit code for it. */
int ctl_fail (const GError *error);

extern const CtlVerb ctl_verbs[];
extern const gsize ctl_n_verbs;

int ctl_keys_create (const CtlVerb *verb, int argc, char **argv);
int ctl_keys_list (const CtlVerb *verb, int argc, char **argv);
int ctl_keys_rotate (const CtlVerb *verb, int argc, char **argv);
int ctl_keys_revoke (const CtlVerb *verb, int argc, char **argv);
int ctl_terminals_list (const CtlVerb *verb, int argc, char **argv);
int ctl_terminals_watch (const CtlVerb *verb, int argc, char **argv);
int ctl_terminals_release (const CtlVerb *verb, int argc, char **argv);
int ctl_transactions_list (const CtlVerb *verb, int argc, char **argv);
int ctl_transactions_orphans (const CtlVerb *verb, int argc, char **argv);
int ctl_transactions_show (const CtlVerb *verb, int argc, char **argv);
int ctl_transactions_timeline (const CtlVerb *verb, int argc, char **argv);
int ctl_transactions_resolve (const CtlVerb *verb, int argc, char **argv);
int ctl_audit (const CtlVerb *verb, int argc, char **argv);
int ctl_disconnect (const CtlVerb *verb, int argc, char **argv);
int ctl_pay (const CtlVerb *verb, int argc, char **argv);
int ctl_status (const CtlVerb *verb, int argc, char **argv);
int ctl_cancel (const CtlVerb *verb, int argc, char **argv);
int ctl_void (const CtlVerb *verb, int argc, char **argv);
int ctl_events (const CtlVerb *verb, int argc, char **argv);
int ctl_doctor (const CtlVerb *verb, int argc, char **argv);
int ctl_proxy_status (const CtlVerb *verb, int argc, char **argv);
int ctl_proxy_clients (const CtlVerb *verb, int argc, char **argv);
int ctl_proxy_pair (const CtlVerb *verb, int argc, char **argv);
int ctl_proxy_revoke (const CtlVerb *verb, int argc, char **argv);
int ctl_proxy_take_back (const CtlVerb *verb, int argc, char **argv);
int ctl_proxy_logs (const CtlVerb *verb, int argc, char **argv);
int ctl_proxy_doctor (const CtlVerb *verb, int argc, char **argv);
int ctl_proxy_bundle (const CtlVerb *verb, int argc, char **argv);
int ctl_sandbox (const CtlVerb *verb, int argc, char **argv);
int ctl_sim (const CtlVerb *verb, int argc, char **argv);

G_END_DECLS
