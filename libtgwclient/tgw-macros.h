/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "libtgwclient/tgw-version.h"

#ifndef _TGW_EXTERN
#if defined(__GNUC__)
#define _TGW_EXTERN __attribute__ ((visibility ("default"))) extern
#else
#define _TGW_EXTERN extern
#endif
#endif

/**
 * TGW_VERSION_0_1:
 *
 * Version 0.1, for `TGW_VERSION_MIN_REQUIRED` and `TGW_VERSION_MAX_ALLOWED`.
 *
 * Since: 0.1
 */
#define TGW_VERSION_0_1 (G_ENCODE_VERSION (0, 1))

/* The one that is being compiled against. */
#define TGW_VERSION_CURRENT (G_ENCODE_VERSION (TGW_MAJOR_VERSION, TGW_MINOR_VERSION))

/**
 * TGW_VERSION_MIN_REQUIRED:
 *
 * The oldest version that a program wants to work with, such as `TGW_VERSION_0_1`; to be defined before this
 * library is included. What was deprecated in that version or before is warned of. Not defined: the current
 * version.
 *
 * Since: 0.1
 */
#ifndef TGW_VERSION_MIN_REQUIRED
#define TGW_VERSION_MIN_REQUIRED TGW_VERSION_CURRENT
#endif

/**
 * TGW_VERSION_MAX_ALLOWED:
 *
 * The newest version whose functions a program may use, such as `TGW_VERSION_0_1`; to be defined before this
 * library is included. What came later is warned of. Not defined: the current version.
 *
 * Since: 0.1
 */
#ifndef TGW_VERSION_MAX_ALLOWED
#define TGW_VERSION_MAX_ALLOWED TGW_VERSION_CURRENT
#endif

#if TGW_VERSION_MAX_ALLOWED < TGW_VERSION_MIN_REQUIRED
#error "TGW_VERSION_MAX_ALLOWED must not be older than TGW_VERSION_MIN_REQUIRED"
#endif

/* Everything without one of these stays inside the library. A later version adds its pair below, and marks
 * what it deprecates in the same way. */
#define TGW_AVAILABLE_IN_ALL _TGW_EXTERN

#if TGW_VERSION_MAX_ALLOWED < TGW_VERSION_0_1
#define TGW_AVAILABLE_IN_0_1 G_UNAVAILABLE (0, 1) _TGW_EXTERN
#else
#define TGW_AVAILABLE_IN_0_1 _TGW_EXTERN
#endif

#ifndef __GI_SCANNER__ /* a macro with an argument would want a page of the reference */
#if TGW_VERSION_MIN_REQUIRED >= TGW_VERSION_0_1
#define TGW_DEPRECATED_IN_0_1        G_DEPRECATED _TGW_EXTERN
#define TGW_DEPRECATED_IN_0_1_FOR(f) G_DEPRECATED_FOR (f) _TGW_EXTERN
#else
#define TGW_DEPRECATED_IN_0_1        _TGW_EXTERN
#define TGW_DEPRECATED_IN_0_1_FOR(f) _TGW_EXTERN
#endif
#endif
