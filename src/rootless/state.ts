import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { readSmallFile, writeSmallFile } from '../host/files/user-folder.js';

const Process = Type.Object({ pid: Type.Integer(), startTicks: Type.String() });

/** The facts of a namespace that a later podnetd needs. */
export const NamespaceState = Type.Object({
  /** Sleeps in the user, mount and network namespace, and so keeps them. */
  keeper: Process,
  slirp: Type.Optional(Process),
  /** Absolute path at which the network namespace is mounted. */
  netns: Type.String(),
  /** Podman made the network namespace and has not given it up. */
  isPodmans: Type.Boolean(),
  /** The attachments of an earlier namespace are attached to this one again. */
  settled: Type.Boolean(),
  home: Type.String(),
});

export type NamespaceState = Static<typeof NamespaceState>;

/** @returns undefined for a missing or an invalid file */
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
