/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for the story. */
#include "tests/sim/sim.h"

static const char *const names[SIM_N_FAULTS] = {
  [SIM_FAULT_CRASH] = "gateway killed",
  [SIM_FAULT_CRASH_BEFORE] = "gateway killed before a commit",
  [SIM_FAULT_CRASH_AFTER] = "gateway killed before effects",
  [SIM_FAULT_CRASH_BETWEEN] = "gateway killed between effects",
  [SIM_FAULT_UNCERTAIN_KEPT] = "commit kept, answer lost",
  [SIM_FAULT_UNCERTAIN_LOST] = "commit lost, answer lost",
  [SIM_FAULT_COMMIT_FAILED] = "commit failed",
  [SIM_FAULT_STORE_SLOW] = "store slow",
  [SIM_FAULT_STORE_DOWN] = "store down",
  [SIM_FAULT_TERMINAL_CRASH] = "terminal crash",
  [SIM_FAULT_TERMINAL_AMNESIA] = "terminal crash, journal lost",
  [SIM_FAULT_TERMINAL_DROP] = "terminal drop",
  [SIM_FAULT_TERMINAL_HALF_OPEN] = "terminal half-open",
  [SIM_FAULT_TERMINAL_ON_EDGE] = "terminal back at 60 s +- 1 ms",
  [SIM_FAULT_TERMINAL_FLAPS] = "terminal flaps",
  [SIM_FAULT_TERMINAL_TWIN] = "two terminals of one name",
  [SIM_FAULT_TERMINAL_GONE] = "terminal gone for good",
  [SIM_FAULT_TERMINAL_STRAY] = "terminal speaks for another",
  [SIM_FAULT_TERMINAL_RECANTS] = "terminal takes back its word",
  [SIM_FAULT_TERMINAL_DUPLICATES] = "messages duplicated",
  [SIM_FAULT_TERMINAL_REORDERS] = "messages reordered",
  [SIM_FAULT_POS_CRASH] = "POS crash",
  [SIM_FAULT_POS_AMNESIA] = "POS crash, journal lost",
  [SIM_FAULT_POS_DROP] = "POS drop",
  [SIM_FAULT_POS_HALF_OPEN] = "POS half-open",
  [SIM_FAULT_POS_STORM] = "displacement storm",
  [SIM_FAULT_POS_FOREIGN_ID] = "another till's id",
  [SIM_FAULT_POS_AGAIN] = "payment said twice",
  [SIM_FAULT_STAFF_RESOLVES] = "staff resolve a payment",
  [SIM_FAULT_STAFF_ERRS] = "staff find the wrong thing",
  [SIM_FAULT_STAFF_RELEASES] = "staff release a terminal",
  [SIM_FAULT_KEY_ROTATED] = "key rotated",
  [SIM_FAULT_KEY_REVOKED] = "key revoked",
  [SIM_FAULT_SWEEP] = "retention sweep",
  [SIM_FAULT_CLOCK_JUMP] = "wall-clock jump",
};

const char *
sim_fault_name (SimFault fault)
{
  return names[fault];
}

static const char *const commands[] = { "<- connected",     "<- paymentRequest",  "<- getPaymentStatus",
                                        "<- cancelPayment", "<- voidPayment",     "<- paymentResponseAck",
                                        "<- pong",          "<- forceDisconnect", "<- error",
                                        "<- other" };
static const char *const messages[] = { "-> hello",
                                        "-> paymentAccepted",
                                        "-> paymentProgress",
                                        "-> paymentResponse",
                                        "-> paymentStatus",
                                        "-> voidResponse",
                                        "-> ping" };

const char *
sim_command_name (TgpCommandAction action)
{
  return commands[action];
}

const char *
sim_message_name (TgpTerminalAction action)
{
  return messages[action];
}
