/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks, one after the other; each says what it found, and what to do about it. */
#pragma once

#include "protocol/json-writer.h"
#include "tools/ctl.h"

G_BEGIN_DECLS

typedef enum
{
  CTL_FINDING_OK,
  CTL_FINDING_SKIPPED,
  CTL_FINDING_WRONG
} CtlFinding;

typedef struct
{
  const CtlOptions *options;
  TgpJsonWriter writer;
  int exit_code;
} CtlDoctor;

void ctl_doctor_begin (CtlDoctor *doctor, const CtlOptions *options);
/* advice: nullable. The first thing that is wrong decides the exit code. */
void ctl_doctor_report (CtlDoctor *doctor, const char *check, CtlFinding finding, int exit_code,
                        const char *text, const char *advice);
int ctl_doctor_end (CtlDoctor *doctor);

G_END_DECLS
