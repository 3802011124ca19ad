import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root } from './project.mjs';

/** Packages for another architecture than this one, which `npm ci` leaves out. */

const locked = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;

/**
 * Unpacks a package without running a script of it.
 *
 * @param {string} name of a package that the lock file pins
 * @param {string} scratch folder for the unpacked package
 * @returns {string} its folder
 */
export function unpackNpmPackage(name, scratch) {
  const { version, integrity } = locked[`node_modules/${name}`] ?? {};
  if (integrity === undefined) throw new Error(`${name}: package-lock.json does not pin it`);
  const folder = mkdtempSync(path.join(scratch, 'npm-'));
  const pack = ['pack', `${name}@${version}`, '--json', '--prefer-offline', `--pack-destination=${folder}`];
  const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: folder, encoding: 'utf8' }));
  const archive = path.join(folder, path.basename(filename));
  checkIntegrity(`${name}@${version}`, readFileSync(archive), integrity);
  mkdirSync(path.join(folder, 'package'));
  execFileSync('tar', ['-xzf', archive, '-C', path.join(folder, 'package'), '--strip-components=1']);
  rmSync(archive);
  return path.join(folder, 'package');
}

/**
 * @param {string} what
 * @param {Buffer} bytes
 * @param {string} integrity hash by the rules of Subresource Integrity
 */
export function checkIntegrity(what, bytes, integrity) {
  const [algorithm, expected] = [integrity.slice(0, integrity.indexOf('-')), integrity];
  const actual = `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`;
  if (actual !== expected)
    throw new Error(`${what}: the registry sent ${actual}, and the pin is ${expected}; use neither until you know why`);
}
