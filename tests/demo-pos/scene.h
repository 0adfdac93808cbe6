/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A till without a display, against a gateway that is played by hand. */
#pragma once

#include "demo-pos/model/pos-till.h"
#include "tests/sdk/fake-gateway.h"

G_BEGIN_DECLS

typedef struct
{
  FakeGateway *gateway;
  PosTill *till;
  PosSale *sale;
  char *journal, *book;
  guint n_views, n_shown;
} Scene;

extern char *scene_folder;

void scene_init (int *argc, char ***argv);
void scene_tidy (void);
void scene_begin (Scene *scene);
/* As scene_begin, without a till yet: its book can be written first. */
void scene_prepare (Scene *scene);
void scene_connect (Scene *scene);
/* As a till that is killed. */
void scene_stop (Scene *scene);
void scene_end (Scene *scene);
/* Charges 12.00 and lets the gateway accept it. */
char *scene_charge (Scene *scene);
void scene_complete (Scene *scene, const char *id, const char *status, const char *verdict);
void scene_count (GObject *object, GParamSpec *pspec, guint *n);

#define PAID "{\"moneyMoved\":\"YES\",\"retrySafe\":false,\"nextAction\":\"NONE\",\"message\":\"Paid.\"}"
#define NOBODY                                                                                               \
  "{\"moneyMoved\":\"UNKNOWN\",\"retrySafe\":false,\"nextAction\":\"CALL_STAFF\",\"message\":\"?\"}"
#define NOTHING "{\"moneyMoved\":\"NO\",\"retrySafe\":true,\"nextAction\":\"RETRY\",\"message\":\"No.\"}"

G_END_DECLS
