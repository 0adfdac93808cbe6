// SPDX-License-Identifier: GPL-3.0-or-later
// All that a test file needs.
'use strict';

const assert = require('node:assert/strict');

module.exports = { assert, ...require('./tap.js'), ...require('./gateway.js'), ...require('./proxy.js'), ...require('./clients.js'), ...require('./contract.js') };
