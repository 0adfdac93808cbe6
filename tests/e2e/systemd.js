// SPDX-License-Identifier: GPL-3.0-or-later
// A systemd of one's own, as process 1 of its own namespaces. It shares the network with the test and nothing else.
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { eventually, keep } = require('./tap.js');
const { folder } = require('./gateway.js');

const SYSTEMD = '/lib/systemd/systemd';
const LOG = '/run/services.log';
// What units refer to without saying so.
const TARGETS = ['sysinit', 'basic', 'shutdown', 'sockets', 'network', 'multi-user', 'world'];

// daemon, whom Debian has everywhere
const USER = 1;

const HOME = '/srv/cashier';
// A user's own systemd, which runs as a service of the other.
const SESSION = `[Service]
Type=notify
User=${USER}
Delegate=yes
RuntimeDirectory=session
Environment=HOME=${HOME} XDG_RUNTIME_DIR=/run/session SYSTEMD_UNIT_PATH=/run/user-units
ExecStart=${SYSTEMD} --user --unit=world.target
StandardOutput=append:${LOG}
StandardError=append:${LOG}
`;

// Where cgroup2 is mounted and a group can be made.
function cgroups() {
  const line = fs.readFileSync('/proc/self/mountinfo', 'utf8').split('\n').find((one) => / - cgroup2 /.test(one));
  return line?.split(' ')[4];
}

class Systemd {
  // Why there can be none here; undefined if there can.
  static fault() {
    if (process.getuid() !== 0) return 'only root can start a systemd';
    if (!fs.existsSync(SYSTEMD)) return `there is no ${SYSTEMD}`;
    const place = cgroups();
    if (!place) return 'there is no cgroup2';
    const dir = path.join(place, `tgw-probe-${process.pid}`);
    try {
      fs.mkdirSync(dir);
      fs.rmdirSync(dir);
    } catch (error) {
      return `no cgroup can be made: ${error.message}`;
    }
    const parent = folder();
    fs.mkdirSync(path.join(parent, 'm'));
    const tried = spawnSync('unshare', ['--mount', '--pid', '--ipc', '--uts', '--cgroup', '--fork', 'sh', '-ec',
      'cd "$1"; mount -t tmpfs tmpfs m; mkdir m/u m/w m/r; mount -t overlay overlay -o lowerdir=/,upperdir=m/u,workdir=m/w m/r; ' +
      'mount -t proc proc m/r/proc; mount -t sysfs -o ro sysfs m/r/sys; mount -t cgroup2 cgroup2 m/r/sys/fs/cgroup', 'sh', parent], { encoding: 'utf8' });
    return tried.status === 0 ? undefined : `no namespaces or mounts: ${(tried.error?.message ?? tried.stderr).trim()}`;
  }

  // files: path in its root -> { from } or { text, mode }; below HOME they belong to its user. Runs until the file ends.
  static async start(files) {
    const self = new Systemd();
    const parent = folder(keep);
    const root = path.join(parent, 'files');
    const all = { ...files };
    for (const name of TARGETS) {
      for (const units of ['units', 'user-units']) all[`/run/${units}/${name}.target`] = { text: `[Unit]\nDescription=${name}\n` };
    }
    all['/run/units/session.service'] = { text: SESSION };
    for (const [name, { from, text, mode = 0o644 }] of Object.entries(all)) {
      const place = path.join(root, name);
      fs.mkdirSync(path.dirname(place), { recursive: true });
      if (from) fs.copyFileSync(from, place);
      else fs.writeFileSync(place, text);
      if (text !== undefined) fs.chmodSync(place, mode);
      for (let one = place; one.startsWith(path.join(root, HOME)); one = path.dirname(one)) fs.chownSync(one, USER, USER);
    }
    self.cgroup = path.join(cgroups(), `tgw-test-${process.pid}`);
    fs.mkdirSync(self.cgroup);
    self.process = spawn('sh', ['-c', 'echo $$ >"$1/cgroup.procs"; exec unshare --mount --pid --ipc --uts --cgroup --fork --kill-child sh "$2" "$3"',
      'sh', self.cgroup, path.join(__dirname, 'systemd-world.sh'), parent], { stdio: ['ignore', 'pipe', 'pipe'] });
    self.said = '';
    for (const stream of [self.process.stdout, self.process.stderr]) stream.on('data', (data) => { self.said += data; });
    self.ended = new Promise((resolve) => { self.process.on('close', resolve); });
    keep(() => self.stop());
    await eventually(() => {
      if (self.process.exitCode !== null) throw new Error(`systemd ended: ${self.said}`);
      [self.pid] = self.processes('init.scope');
      return self.pid && self.property('world.target', 'ActiveState') === 'active';
    }, 'systemd is up');
    return self;
  }

  // The numbers, as everybody outside knows them, of what runs in a unit.
  processes(unit) {
    try {
      return fs.readFileSync(path.join(this.cgroup, unit, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  }

  // A path in its root, from outside.
  inside(name) {
    return path.join(`/proc/${this.pid}/root`, name);
  }

  run(...command) {
    const { status, stdout, stderr } = spawnSync('nsenter', ['--target', String(this.pid), '--mount', '--pid', '--ipc', '--uts', '--cgroup', ...command],
      { encoding: 'utf8', timeout: 20000 });
    return { status, out: stdout, err: stderr };
  }

  // Its words; with how it stands with the units, if it fails.
  #said(before, args) {
    const { status, out, err } = this.run(...before, ...args);
    if (status === 0) return out.trim();
    const stands = this.run(...before, 'status', '--no-pager', ...args.slice(1)).out;
    throw new Error(`systemctl ${args.join(' ')}: ${status} ${out}${err}${stands}${this.log().slice(-3000)}`);
  }

  systemctl(...args) {
    return this.#said(['systemctl'], args);
  }

  // In the session of its user, whose systemd is session.service.
  userctl(...args) {
    return this.#said(['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups', 'env', 'XDG_RUNTIME_DIR=/run/session', 'systemctl', '--user'], args);
  }

  property(unit, name) {
    return this.run('systemctl', 'show', '--value', '--property', name, unit).out.trim();
  }

  // What its services have said, where their units send it there.
  log() {
    const file = this.inside(LOG);
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  }

  async stop() {
    if (this.pid) process.kill(this.pid, 'SIGKILL'); // takes all of its namespace along
    else this.process.kill('SIGKILL');
    await this.ended;
    const remove = (dir) => {
      for (const entry of fs.readdirSync(dir, { withFileTypes: true })) if (entry.isDirectory()) remove(path.join(dir, entry.name));
      fs.rmdirSync(dir);
    };
    await eventually(() => {
      try {
        remove(this.cgroup);
        return true;
      } catch {
        return false; // the last process is still leaving
      }
    }, 'its cgroup is empty');
  }
}

module.exports = { Systemd, HOME, LOG };
