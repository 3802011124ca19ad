import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { readSmallFile, writeSmallFile } from '../host/files/user-folder.js';

const Process = Type.Object({ pid: Type.Integer(), startTicks: Type.String() });

/** What a later podnetd must know of the namespace that an earlier one made. */
export const NamespaceState = Type.Object({
  /** Sleeps in the user, mount and network namespace, and so keeps them. */
  keeper: Process,
  slirp: Type.Optional(Process),
  /** Where the network namespace is mounted, and whether Podman mounted it. */
  netns: Type.String(),
  isPodmans: Type.Boolean(),
  /** What was attached in an earlier one is attached in this one. */
  settled: Type.Boolean(),
  home: Type.String(),
});

export type NamespaceState = Static<typeof NamespaceState>;

/** @returns undefined when there is none that can be read */
export function readState(file: string): NamespaceState | undefined {
  try {
    const value: unknown = JSON.parse(readSmallFile(file) ?? '');
    return Value.Check(NamespaceState, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @throws NetworkError storage */
export function writeState(file: string, state: NamespaceState): void {
  writeSmallFile(file, `${JSON.stringify(state)}\n`);
}
