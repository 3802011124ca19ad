/** Facts of the daemon's machine that clients print. */
export interface Machine {
  readonly hostname: string;
  /** In Go's words, such as `amd64`. */
  readonly architecture: string;
  /** Release of the kernel. */
  readonly kernel: string;
  readonly cpus: number;
  readonly memoryBytes: { readonly total: number; readonly free: number };
  readonly swapBytes: { readonly total: number; readonly free: number };
  readonly uptimeSeconds: number;
  readonly distribution: { readonly id: string; readonly version: string; readonly fullName: string };
  readonly cgroupVersion: 'v1' | 'v2';
  /** Whether the daemon runs without root's rights. */
  readonly rootless: boolean;
}
