'use strict';

/**
 * Loaded into a daemon before its own code (`NODE_OPTIONS=--require=…`): calls of `node:fs` that change a folder fail, or are late, as the
 * control file says at that moment. See `faulty-disk.ts` for what is in it.
 */

const fs = require('node:fs');
const fsPromises = require('node:fs/promises');
const path = require('node:path');

const control = process.env.PODNETD_TEST_DISK;
const { appendFileSync, readFileSync, readlinkSync, statSync: statNow } = fs;
/** Names that only podnetd takes while it is at work. */
const isTemporary = (target) => path.basename(target).startsWith('.');

let text = '';
let faults = [];
let counts = [];
/** Where what was set aside came from. */
const origins = new Map();
/** Where temporary files were put in place, and may be taken away again. */
const placed = new Map();

function current() {
  const now = readFileSync(control, 'utf8');
  if (now !== text) {
    text = now;
    ({ faults } = JSON.parse(now));
    counts = faults.map(() => 0);
    origins.clear();
  }
  return faults;
}

/** The names that a fault may be about: a temporary one stands for the file that it is to become. */
function subjectsOf(target) {
  try {
    if (statNow(target).isDirectory()) return ['folder'];
    if (!isTemporary(target)) return [path.basename(target)];
    const origin = origins.get(target);
    return [origin ?? `${JSON.parse(readFileSync(target, 'utf8')).name}.conflist`, 'temporary'];
  } catch {
    return isTemporary(target) ? ['temporary'] : [path.basename(target)];
  }
}

/** @returns what is to become of a call: an error, and how long it takes */
function judge(call, targets, isUndo = false) {
  const outcome = { error: undefined, delayMs: 0 };
  const concerned = current().filter((fault) => fault.call === call && (fault.undo === true) === isUndo);
  if (concerned.length === 0) return outcome;
  const subjects = targets.flatMap(subjectsOf);
  for (const [index, fault] of faults.entries()) {
    if (!concerned.includes(fault) || (fault.on !== 'any' && !subjects.includes(fault.on))) continue;
    if (counts[index] >= (fault.times ?? Infinity)) continue;
    counts[index] += 1;
    outcome.delayMs += fault.delayMs ?? 0;
    if (fault.error === undefined || outcome.error !== undefined) continue;
    const message = `${fault.error}: injected, ${call} '${targets.join("' -> '")}'`;
    outcome.error = Object.assign(new Error(message), { code: fault.error, syscall: call, path: targets[0] });
    appendFileSync(`${control}.hits`, `${JSON.stringify({ call, on: subjects[0], isUndo })}\n`);
  }
  return outcome;
}

function pause(ms) {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function obeyNow(call, targets, isUndo) {
  const { error, delayMs } = judge(call, targets, isUndo);
  pause(delayMs);
  if (error !== undefined) throw error;
}

const pathOf = (fd) => readlinkSync(`/proc/self/fd/${fd}`);

if (control !== undefined) {
  for (const [name, call] of [
    ['renameSync', 'rename'],
    ['linkSync', 'link'],
  ]) {
    const original = fs[name];
    fs[name] = (from, to) => {
      const isBack = origins.get(from) === path.basename(to) || [...placed.values()].includes(from);
      obeyNow(call, [from, to], isBack);
      original(from, to);
      if (call === 'link' && isTemporary(from)) placed.set(from, to);
      if (isTemporary(to) && !isTemporary(from)) origins.set(to, path.basename(from));
    };
  }

  const { unlinkSync, statSync, fstatSync, fsync, fsyncSync } = fs;
  fs.unlinkSync = (target) => {
    obeyNow('unlink', [target], !isTemporary(target));
    unlinkSync(target);
    origins.delete(target);
    placed.delete(target);
  };
  const { unlink } = fsPromises;
  fsPromises.unlink = async (target) => {
    const { error } = judge('unlink', [target], !isTemporary(target));
    if (error !== undefined) throw error;
    await unlink(target);
    origins.delete(target);
  };
  fs.statSync = (target, options) => {
    if (typeof target === 'string' && (target.endsWith('.conflist') || isTemporary(target))) obeyNow('stat', [target]);
    return statSync(target, options);
  };
  fs.fstatSync = (fd, options) => {
    const target = pathOf(fd);
    // Readers ask this of the files of others, whose failure is another matter.
    if (isTemporary(target)) obeyNow('fstat', [target]);
    return fstatSync(fd, options);
  };
  fs.fsync = (fd, done) => {
    const { error, delayMs } = judge('fsync', [pathOf(fd)]);
    const act = () => (error === undefined ? fsync(fd, done) : done(error));
    if (delayMs > 0) setTimeout(act, delayMs);
    else if (error === undefined) act();
    else setImmediate(act);
  };
  fs.fsyncSync = (fd) => {
    obeyNow('fsync', [pathOf(fd)]);
    fsyncSync(fd);
  };
}
