import type { FleetPool } from '../../model/fleet.js';

/** Who this host is in its fleet. */
export interface HostIdentity {
  /** A part of keys. */
  readonly host: string;
  /** For people. */
  readonly name: string;
  /** Random, made once with the file of own blocks. */
  readonly instance: string;
  /** Random, of this process. */
  readonly session: string;
  /** Of the machine's kernel. */
  readonly bootId: string;
  readonly pools: readonly FleetPool[];
}

/** Time and chance, which tests replace. */
export interface Surroundings {
  /** Milliseconds, monotonic: the clock of deadlines. */
  now(): number;
  /** The time of day. */
  time(): Date;
  /** @returns an end of the timer */
  after(ms: number, act: () => void): () => void;
  /** From 0 to below 1. */
  random(): number;
  /** A text that no other call returns. */
  makeToken(): string;
}

export interface FleetLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}
