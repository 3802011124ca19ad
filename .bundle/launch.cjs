#!/usr/bin/env node
'use strict';

/**
 * Runs podnetd.cjs, which is beside this file, from the code that V8 compiled when podnetd was built. Without that code, or when it is not for
 * this program and this Node, V8 compiles the program anew. `NODE_DEBUG=podnetd` prints which.
 */

const { closeSync, fstatSync, openSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { debuglog } = require('node:util');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

const program = path.join(__dirname, 'podnetd.cjs');
/** The sum takes four; V8 copies code that does not begin at a multiple of eight. */
const digestBytes = 8;

/** The function that Node makes of a CommonJS module. */
function wrap(source) {
  return `(function (exports, require, module, __filename, __dirname) { ${source.replace(/^#!.*/, '')}\n})`;
}

/**
 * V8 itself checks its version, its flags and the length of the source, but neither the source nor the code. A checksum finds damage and a wrong
 * pair; it is no defence, since only a user who may also write the program may write the code.
 */
function digest(source, code) {
  const sum = crc32(code, crc32(source, crc32(`${process.version} ${process.arch}\n`)));
  const bytes = Buffer.alloc(digestBytes);
  bytes.writeUInt32BE(sum);
  return bytes;
}

/** @returns code for the source; undefined, with the reason in the debug log, when there is none to be used */
function readCode(file, source) {
  let fd;
  try {
    fd = openSync(file);
    const { mode, uid } = fstatSync(fd);
    if ((mode & 0o022) !== 0 || ![0, process.geteuid()].includes(uid)) return report('others may write it');
    const content = readFileSync(fd);
    const code = content.subarray(digestBytes);
    return digest(source, code).equals(content.subarray(0, digestBytes))
      ? code
      : report('is for another program or Node');
  } catch (error) {
    return report(error.message);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function report(fact) {
  debuglog('podnetd')('compiled code: %s', fact);
}

function load() {
  const source = readFileSync(program);
  const cachedData = readCode(path.join(__dirname, 'podnetd.cache'), source);
  const script = new Script(wrap(source.toString('latin1')), { filename: program, cachedData });
  if (cachedData !== undefined) report(script.cachedDataRejected ? 'refused by V8' : 'used');
  return script;
}

if (require.main === module) load().runInThisContext()(exports, require, module, program, __dirname);
else module.exports = { digest, wrap };
