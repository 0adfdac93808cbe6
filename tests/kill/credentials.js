// SPDX-License-Identifier: GPL-3.0-or-later
// Where a program finds its gateway or local proxy, and how it says who it is: { apiKey, apiSecret }, { token }, or { socketPath,
// clientName }, whom the kernel knows. With a sessionId it speaks HTTP in a session.
'use strict';

const { createHash, createHmac } = require('node:crypto');

function place(key, port) {
  return key.socketPath ? { socketPath: key.socketPath } : { host: '127.0.0.1', port };
}

function webSocketUrl(key, port) {
  return key.socketPath ? `ws+unix:${key.socketPath}:/v1/ws` : `ws://127.0.0.1:${port}/v1/ws`;
}

function named(key) {
  return { ...(key.token && { authorization: `Bearer ${key.token}` }), ...(key.clientName && { 'x-client-name': key.clientName }),
    ...(key.sessionId && { 'x-session-id': key.sessionId }) };
}

function handshake(key) {
  return key.apiKey ? { 'x-api-key': key.apiKey } : named(key);
}

function signed(key, method, target, text) {
  if (!key.apiKey) return named(key);
  const timestamp = new Date().toISOString();
  const hash = createHash('sha256').update(text).digest('hex');
  const signature = createHmac('sha256', key.apiSecret).update([method, target, timestamp, hash].join('\n')).digest('base64');
  return { ...named(key), 'x-api-key': key.apiKey, 'x-timestamp': timestamp, 'x-signature': signature };
}

module.exports = { place, webSocketUrl, handshake, signed };
