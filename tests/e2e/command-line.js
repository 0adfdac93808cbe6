// SPDX-License-Identifier: GPL-3.0-or-later
// tgwctl and tgw-terminal-sim as one types them.
'use strict';

const { cleanup, fault, keep } = require('./tap.js');
const { Program, programs, SANITIZER } = require('./gateway.js');

function watched(command, args, options) {
  const program = new Program(command, args.map(String), options);
  program.ended.then(() => {
    if (SANITIZER.test(program.err)) fault(`${program.name} ${args[0]} said:\n${program.err.slice(0, 6000)}`);
    if (program.how.signal && program.how.signal !== 'SIGKILL' && program.how.signal !== 'SIGTERM') fault(`${program.name}: ${program.how.signal}`);
  });
  return program;
}

function startCtl(...args) {
  const shared = typeof args.at(-1) === 'function' ? args.pop() : cleanup; // or keep
  const options = typeof args.at(-1) === 'object' ? args.pop() : {};
  const program = watched(programs.ctl, args, options);
  shared(() => program.end('SIGKILL'));
  return program;
}

// { code, out, err } of one whole run; json: what it printed with --json.
async function ctl(...args) {
  const program = startCtl(...args);
  const { code, signal } = await program.end(0);
  const run = { code: code ?? signal, out: program.out, err: program.err };
  if (args.includes('--json') && run.out) run.json = JSON.parse(run.out);
  return run;
}

// A simulated terminal, connected. Its own options behind.
async function sim(gateway, keyFile, deviceId, ...args) {
  const shared = args.at(-1) === keep ? args.pop() : cleanup;
  const program = watched(programs.sim, ['--gateway', gateway.url, '--api-key-file', keyFile, ...(deviceId ? ['--device-id', deviceId] : []),
    '--delay', 0, '--back-after', 50, '--late-after', 100, ...args]);
  shared(async () => {
    const { code } = await program.end('SIGTERM');
    if (code) fault(`the simulated terminal ended with ${code}: ${program.err}`);
  });
  await program.line(/^connected as (\S+)$/m);
  return program;
}

module.exports = { ctl, startCtl, sim };
