// SPDX-License-Identifier: GPL-3.0-or-later
// Cases one after the other, told in TAP. Whatever a case or a file leaves behind is cleaned up in reverse order.
'use strict';

const DEADLINE = 20000; // of one wait; sanitizers on a busy machine are slow
const CASE_DEADLINE = 60000;

const cases = [];
const atEnd = [];
let current = null; // clean-ups of the running case
const faults = []; // what watchers saw meanwhile: each fails the running case
let skipped = null; // why none of the cases can run here

// test('name', async () => …)
function test(name, run) {
  cases.push({ name, run });
}

// A case about the gateway itself: left out where the tills of a test stand behind a local proxy.
function direct(name, run) {
  if (!process.env.TGW_E2E_PROXY) test(name, run);
}

// Every case of the file counts as skipped, with this reason.
function skip(why) {
  skipped = why;
}

// Runs at the end of the case that is running, or of the file.
function cleanup(run) {
  (current ?? atEnd).push(run);
}

function keep(run) {
  atEnd.push(run);
}

function fault(text) {
  faults.push(text);
}

async function sweep(list) {
  const failed = [];
  while (list.length) {
    try {
      await list.pop()();
    } catch (error) {
      failed.push(error);
    }
  }
  return failed;
}

// The promise, or an error that names what was waited for.
function within(promise, what, milliseconds = DEADLINE) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms: ${typeof what === 'function' ? what() : what}`)),
      milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// For what sends no event: asks until it holds, slowly enough for the rate limit.
async function eventually(holds, what) {
  const end = Date.now() + DEADLINE;
  while (!await holds()) {
    if (Date.now() > end) throw new Error(`not within ${DEADLINE} ms: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}

function describe(error) {
  const text = error?.stack ?? String(error);
  return text.split('\n').filter((line) => !line.includes('node:internal')).map((line) => `# ${line}`).join('\n');
}

async function runCase(entry, number) {
  const errors = [];
  const began = Date.now();
  current = [];
  try {
    await within(entry.run(), `the case "${entry.name}"`, CASE_DEADLINE);
  } catch (error) {
    errors.push(error);
  }
  errors.push(...await sweep(current));
  current = null;
  errors.push(...faults.splice(0).map((text) => new Error(text)));
  if (Date.now() - began >= 1000) console.log(`# ${((Date.now() - began) / 1000).toFixed(1)} s:`);
  return report(entry.name, number, errors);
}

function report(name, number, errors) {
  for (const error of errors) console.log(describe(error));
  console.log(`${errors.length ? 'not ok' : 'ok'} ${number} - ${name}${skipped && !errors.length ? ` # SKIP ${skipped}` : ''}`);
  return errors.length === 0;
}

// The last case says whether everything came down cleanly.
async function main() {
  let good = true;
  console.log(`1..${cases.length + 1}`);
  for (const [index, entry] of cases.entries()) good = (skipped ? report(entry.name, index + 1, []) : await runCase(entry, index + 1)) && good;
  const errors = await sweep(atEnd);
  errors.push(...faults.splice(0).map((text) => new Error(text)));
  good = report('everything stopped cleanly', cases.length + 1, errors) && good;
  process.exit(good ? 0 : 1);
}

for (const name of ['SIGTERM', 'SIGINT']) {
  process.on(name, async () => {
    await sweep(current ?? []);
    await sweep(atEnd);
    process.exit(1);
  });
}
process.on('unhandledRejection', (error) => fault(`unhandled: ${error?.stack ?? error}`));

// The file has declared its cases once the loop turns.
setImmediate(main);

module.exports = { test, direct, skip, cleanup, keep, fault, within, eventually, DEADLINE };
