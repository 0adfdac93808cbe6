/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the programs end. Scripts rely on these. */
#pragma once

#define EXIT_CODE_OK          0 /* approved, or done */
#define EXIT_CODE_NOT_STARTED 1 /* trying again is safe */
#define EXIT_CODE_NOT_PAID    2
#define EXIT_CODE_UNKNOWN     3 /* a person must look, or the status must be asked for */
#define EXIT_CODE_USAGE       64
#define EXIT_CODE_UNREACHABLE 69
#define EXIT_CODE_REFUSED     77
