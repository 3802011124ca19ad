import { compareReads } from './read.js';

export async function benchInspect(scratch: string): Promise<void> {
  await compareReads(scratch, 1_000, 1_000, [
    { label: 'inspect, libpod', url: '/v4.0.0/libpod/networks/net500/json' },
    { label: 'inspect, Docker', url: '/v1.40/networks/net500' },
  ]);
}
