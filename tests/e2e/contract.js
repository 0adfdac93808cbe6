// SPDX-License-Identifier: GPL-3.0-or-later
// What the gateway may say, member by member, written down from docs/protocol.md. Every message and body that a test receives
// is held against this: a member that is missing, has another type or stands in no table fails the case.
'use strict';

const ID = /^[A-Za-z0-9._:-]{1,64}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const string = (value) => typeof value === 'string';
const boolean = (value) => typeof value === 'boolean';
const count = (value) => Number.isSafeInteger(value) && value >= 0;
const object = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const any = () => true;
const id = (value) => string(value) && ID.test(value);
const time = (value) => string(value) && TIME.test(value) && !Number.isNaN(Date.parse(value));
const text = (value) => string(value) && value.length > 0;
const money = (value) => string(value) && /^\d{1,15}(\.\d{1,4})?$/.test(value);
const currency = (value) => string(value) && /^[A-Z]{3}$/.test(value);
const one = (...words) => (value) => words.includes(value);
const is = (word) => (value) => value === word;
const optional = (check) => Object.assign((value, path, say) => value === undefined || check(value, path, say), { optional: true });
const shape = (members) => (value, path, say) => checkShape(value, members, path, say);
const list = (check) => (value, path, say) => Array.isArray(value) &&
  value.every((entry, index) => (check(entry, `${path}[${index}]`, say) || say(`${path}[${index}] is ${JSON.stringify(entry)}`), true));

const METHODS = one('CARD', 'CASH', 'MOBILE', 'OTHER');
const STATUSES = one('PENDING', 'AWAITING_RECONNECT', 'COMPLETED', 'FAILED', 'CANCELLED', 'VOIDED');
const VOID_STATUSES = one('REQUESTED', 'CONFIRMED', 'FAILED');

const verdict = shape({
  moneyMoved: one('YES', 'NO', 'UNKNOWN'), retrySafe: boolean,
  nextAction: one('NONE', 'RETRY', 'WAIT', 'CHECK_STATUS', 'CALL_STAFF'), message: text,
});

const terminal = shape({
  connectionId: optional(id), terminalId: id, deviceId: optional(id), connectedAt: time, lastActivity: time,
  status: one('online', 'reconnecting', 'offline'), metadata: object, busy: boolean, graceExpiresAt: optional(time),
});

const paymentRequest = shape({
  transactionId: optional(id), amount: money, currency, paymentMethod: METHODS, products: optional(list(object)),
  customerInfo: optional(object), metadata: optional(object),
});

const paymentResponse = shape({
  transactionId: id, status: one('SUCCESS', 'FAILED', 'PENDING', 'CANCELLED'), amount: optional(money), currency: optional(currency),
  paymentMethod: optional(METHODS), authorizationCode: optional(string), errorCode: optional(string), errorMessage: optional(string),
  receiptData: optional(any), timestamp: optional(time), metadata: optional(object),
});

const transactionMembers = {
  transactionId: id, status: STATUSES, amount: money, currency, terminalId: id, deviceId: optional(id), request: paymentRequest,
  response: optional(paymentResponse), errorCode: optional(text), errorMessage: optional(string), createdAt: time, updatedAt: time,
  completedAt: optional(time), voidedAt: optional(time), voidReason: optional(text), timestamp: time, graceExpiresAt: optional(time),
  voidStatus: optional(VOID_STATUSES), settled: boolean, amountConfirmed: optional(is(false)), verdict,
};

const reply = { requestId: optional(string) };

const ERRORS = {
  MALFORMED_JSON: 400, UNKNOWN_ACTION: 400, MISSING_FIELD: 400, INVALID_FIELD: 400, INVALID_AMOUNT: 400, INVALID_CURRENCY: 400,
  MESSAGE_TOO_LARGE: 413, RATE_LIMITED: 429, UNAUTHORIZED: 401, INVALID_SIGNATURE: 401, TIMESTAMP_EXPIRED: 401,
  REPLAYED_REQUEST: 401, GROUP_MISMATCH: 403, FORBIDDEN: 403, DEVICE_ID_TAKEN: 409, TERMINAL_NOT_FOUND: 404,
  TRANSACTION_NOT_FOUND: 404, TERMINAL_OFFLINE: 503, PAYMENT_IN_PROGRESS: 409, TRANSACTION_ID_REUSED: 409, SESSION_DISPLACED: 409,
  ALREADY_FINAL: 409, VOID_NOT_SUPPORTED: 409, TIMEOUT: 504, STORAGE_UNAVAILABLE: 503, OVERLOADED: 503, DRAINING: 503,
  NOT_FOUND: 404, METHOD_NOT_ALLOWED: 405, INTERNAL_ERROR: 500, GATEWAY_UNAVAILABLE: 503,
};
const REASONS = {
  400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 408: 'Request Timeout',
  409: 'Conflict', 413: 'Content Too Large', 414: 'URI Too Long', 415: 'Unsupported Media Type', 417: 'Expectation Failed',
  421: 'Misdirected Request', 426: 'Upgrade Required', 429: 'Too Many Requests',
  431: 'Request Header Fields Too Large', 500: 'Internal Server Error', 501: 'Not Implemented', 503: 'Service Unavailable',
  504: 'Gateway Timeout', 505: 'HTTP Version Not Supported',
};

const errorMembers = {
  error: one(...Object.values(REASONS)), code: one(...Object.keys(ERRORS)), message: text, transactionId: optional(id),
  heldBy: optional(id), graceExpiresAt: optional(time), verdict: optional(verdict), timestamp: time, ...reply,
};

const voided = {
  terminalId: id, transactionId: id, reason: text, originalPaymentResponse: paymentResponse, timestamp: time, messageId: id,
  voidStatus: VOID_STATUSES, errorCode: optional(string), errorMessage: optional(string), verdict,
};

const forceDisconnect = {
  reason: one('api_key_used_elsewhere', 'stale_connection_timeout', 'admin_action', 'other'), message: text, reconnectAllowed: boolean,
  displacedBy: optional(shape({ address: text, userAgent: optional(string), at: time })),
};

const TO_POS = {
  connected: { connectionId: id, groupId: id, serverTime: time, heartbeatSeconds: count, gracePeriodSeconds: count, pendingMessages: count },
  terminalsResponse: { terminals: list(terminal), count, timestamp: time, ...reply },
  paymentAccepted: { transactionId: id, terminalId: id, status: STATUSES, ...reply },
  transactionStatus: { ...transactionMembers, ...reply },
  cancelAccepted: { transactionId: id, ...reply },
  voidAccepted: { transactionId: id, ...reply },
  pong: { timestamp: time, ...reply },
  terminalStatusUpdate: {
    terminalId: id, connectionId: optional(id), deviceId: optional(id), status: one('connected', 'reconnecting', 'disconnected'),
    terminalInfo: optional(terminal), timestamp: time, groupId: id, version: is('v1'), busy: boolean, graceExpiresAt: optional(time),
    remainingSeconds: optional(count),
  },
  paymentProgress: { transactionId: id, terminalId: id, stage: text, message: optional(string) },
  paymentAwaitingReconnect: { transactionId: id, terminalId: id, graceExpiresAt: time, remainingSeconds: count },
  paymentComplete: {
    transactionId: id, terminalId: id, status: one('SUCCESS', 'FAILED', 'CANCELLED'), paymentResponse, timestamp: time, groupId: id,
    version: is('v1'), messageId: id, verdict,
  },
  paymentVoided: voided,
  paymentVoidConfirmed: voided,
  paymentVoidFailed: voided,
  paymentConflict: {
    transactionId: id, terminalId: id, first: paymentResponse, second: optional(paymentResponse), timestamp: time, groupId: id, version: is('v1'),
    messageId: id, verdict,
  },
  forceDisconnect,
  gatewayStatusUpdate: { state: one('online', 'reconnecting', 'displaced'), since: time, displacedBy: optional(text), timestamp: time },
  takeBackAccepted: { state: one('online', 'reconnecting', 'displaced'), ...reply },
  error: errorMembers,
};

const TO_TERMINAL = {
  connected: { connectionId: id, deviceId: optional(id), groupId: id, serverTime: time, heartbeatSeconds: count },
  paymentRequest: { transactionId: id, terminalId: id, paymentRequest },
  getPaymentStatus: { transactionId: id },
  cancelPayment: { transactionId: id },
  voidPayment: { transactionId: id, reason: text, originalPaymentResponse: paymentResponse },
  paymentResponseAck: { transactionId: id, status: one('PENDING', 'AWAITING_RECONNECT', 'COMPLETED', 'FAILED', 'CANCELLED', 'VOIDED', 'UNKNOWN') },
  pong: { timestamp: time, ...reply },
  forceDisconnect,
  error: errorMembers,
};

const BODIES = {
  terminals: { terminals: list(terminal), count, timestamp: time },
  payment: {
    transactionId: id, status: one('SUCCESS', 'FAILED', 'CANCELLED'), paymentResponse, timestamp: time, errorCode: optional(text), verdict,
  },
  transaction: transactionMembers,
  transactions: { transactions: list(shape(transactionMembers)), nextCursor: (value) => value === null || text(value) },
  taken: { transactionId: id, status: STATUSES, timestamp: time },
  messages: { messages: list((value, path, say) => checkMessage(TO_POS, value, path, say)) },
  acked: { acked: count },
  error: errorMembers,
};

function checkShape(value, members, path, say) {
  if (!object(value)) return false;
  for (const [name, check] of Object.entries(members)) {
    if (value[name] === undefined && !check.optional) say(`${path}.${name} is missing`);
    else if (!check(value[name], `${path}.${name}`, say)) say(`${path}.${name} is ${JSON.stringify(value[name])}`);
  }
  for (const name of Object.keys(value)) if (!(name in members)) say(`${path}.${name} is in no table`);
  return true;
}

function checkMessage(table, message, path, say) {
  if (!object(message) || !(message.action in table)) return false;
  checkShape(message, { action: string, ...table[message.action] }, `${path} ${message.action}`, say);
  return true;
}

// Texts of what is wrong; none for a good one.
function messageFaults(role, message) {
  const found = [];
  if (!checkMessage(role === 'terminal' ? TO_TERMINAL : TO_POS, message, role, (text_) => found.push(text_))) {
    found.push(`${role}: no message of the contract: ${JSON.stringify(message)}`);
  }
  if (message?.action === 'error' && REASONS[ERRORS[message.code]] !== message.error) {
    found.push(`${message.code} says "${message.error}"`);
  }
  return found;
}

function bodyFaults(kind, body, status) {
  const found = [];
  if (!checkShape(body, BODIES[kind], kind, (text_) => found.push(text_))) found.push(`${kind}: no object: ${JSON.stringify(body)}`);
  if (kind === 'error' && body && REASONS[status] !== body.error) found.push(`status ${status}, but error "${body.error}"`);
  return found;
}

module.exports = { messageFaults, bodyFaults, ERRORS, REASONS, ID, TIME, UUID7 };
