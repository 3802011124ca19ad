import path from 'node:path';
import { maxSocketPathBytes } from '../host/sockets/socket-path.js';
import { longestTimerMs } from '../model/longest-timer.js';
import { ConfigError } from './config-error.js';
import { parseTcpAddress, tcpAddressForm, type TcpAddress } from './tcp-address.js';

/** The values of flags. Each function takes the flag, for its message, and the text. @throws ConfigError */

/** Seconds that a Node timer can be set to. */
const maxSeconds = Math.floor(longestTimerMs / 1_000);

export function readSocket(flag: string, value: string): string {
  const given = /^unix:(?:\/\/)?(\/(?!\/).*)$/.exec(value)?.[1] ?? value;
  if (!path.isAbsolute(given)) {
    throw new ConfigError(`${flag} ${value}: podnetd listens on Unix sockets only: unix:///PATH`);
  }
  const socket = path.normalize(given);
  const bytes = Buffer.byteLength(socket);
  if (bytes > maxSocketPathBytes || socket.endsWith('/')) {
    throw new ConfigError(
      socket.endsWith('/')
        ? `${flag} ${value}: a socket is no folder`
        : `${flag} ${value}: the path has ${bytes} bytes, a socket's has at most ${maxSocketPathBytes}`,
    );
  }
  return socket;
}

export function readTcpAddress(flag: string, value: string): TcpAddress {
  const address = parseTcpAddress(value);
  if (address === undefined) throw new ConfigError(`${flag} ${value}: not ${tcpAddressForm}`);
  return address;
}

/** @returns an absolute path */
export function readPath(flag: string, value: string): string {
  return path.resolve(readName(flag, value));
}

export function readName(flag: string, value: string): string {
  if (value === '') throw new ConfigError(`${flag}: the value is empty; give one, or leave it out`);
  return value;
}

/** @returns milliseconds */
export function readWholeSeconds(flag: string, value: string): number {
  if (!/^\d+$/.test(value) || Number(value) > maxSeconds) {
    throw new ConfigError(`${flag} ${value}: not a whole number of seconds from 0 to ${maxSeconds}`);
  }
  return Number(value) * 1000;
}

/** @returns milliseconds, at least 1 */
export function readLockTimeout(flag: string, value: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
  if (seconds <= 0 || seconds > maxSeconds) {
    throw new ConfigError(`${flag} ${value}: not a number of seconds above 0, up to ${maxSeconds}`);
  }
  return Math.ceil(seconds * 1000);
}

export function readMode(flag: string, value: string): number {
  if (!/^0?[0-7]{3}$/.test(value))
    throw new ConfigError(`${flag} ${value}: not three octal digits, with or without a 0 before them, as in 0660`);
  return Number.parseInt(value, 8);
}

export function readChoice<T extends string>(flag: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === value);
  if (choice === undefined) throw new ConfigError(`${flag} ${value}: not one of ${choices.join(', ')}`);
  return choice;
}
