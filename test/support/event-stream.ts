import { request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';

export interface EventStream {
  readonly response: IncomingMessage;
  /** Waits a while for `count` lines. @returns all lines so far, parsed */
  lines(count: number): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Resolves when the stream ends: true when the server ended it, false when the connection was cut. */
  readonly ended: Promise<boolean>;
  close(): void;
}

/** Opens `GET url`. @returns the stream, when its head has arrived */
export async function openEvents(t: Test, socketPath: string, url: string): Promise<EventStream> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ socketPath, path: url, agent: false }, resolve).on('error', reject).end();
  });
  let text = '';
  response.on('data', (chunk: Buffer) => (text += chunk.toString()));
  response.on('error', () => {});
  const ended = new Promise<boolean>((resolve) => response.once('close', () => resolve(response.complete)));
  t.teardown(() => response.destroy());
  return {
    response,
    ended,
    lines: async (count) => {
      const whole = () => text.split('\n').slice(0, -1);
      for (let tries = 0; tries < 1_000 && whole().length < count; tries += 1) await sleep(10);
      return whole().map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    close: () => void response.destroy(),
  };
}
