'use strict';

/**
 * Loaded into a daemon before its own code (`NODE_OPTIONS=--require=…`). It makes calls of `node:fs` that change a folder fail, or delays them,
 * by the faults that the control file lists at that moment; see `faulty-disk.ts`.
 */

const fs = require('node:fs');
const fsPromises = require('node:fs/promises');
const path = require('node:path');

const control = process.env.PODNETD_TEST_DISK;
const { appendFileSync, readFileSync, readlinkSync, statSync: statNow } = fs;
/** Whether a path has a name that only podnetd uses, for unfinished work. */
const isTemporary = (target) => path.basename(target).startsWith('.');

let text = '';
let faults = [];
let counts = [];
/** Former names of files that were set aside, by path. */
const origins = new Map();
/** Paths that temporary files were linked to, by temporary path: an undo may remove them. */
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

/** The names by which a fault may mean a path; a temporary path also counts as the file that it was or will be. */
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

/** @returns the error of a call, if any, and its delay in milliseconds */
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
    // Only for temporary files: readers call fstat for every file, and their failure is another matter.
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
