/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#ifndef _TGW_EXTERN
#if defined(__GNUC__)
#define _TGW_EXTERN __attribute__ ((visibility ("default"))) extern
#else
#define _TGW_EXTERN extern
#endif
#endif

/* Everything without one of these stays inside the library. */
#define TGW_AVAILABLE_IN_ALL _TGW_EXTERN
