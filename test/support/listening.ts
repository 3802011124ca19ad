import { readFileSync } from 'node:fs';

/** Whether a Unix stream socket listens: its name is there a moment before. source: the flag SO_ACCEPTCON in proc(5), /proc/net/unix */
export function isListening(socket: string): boolean {
  const sockets = readFileSync('/proc/net/unix', 'latin1').split('\n');
  return sockets.some((line) => line.endsWith(` ${socket}`) && line.split(' ')[3] === '00010000');
}
