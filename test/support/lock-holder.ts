import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface LockHolder {
  readonly pid: number;
  release(): Promise<void>;
  kill(): Promise<void>;
}

/** Another process that holds a lock file as Podman does: a POSIX record lock on the whole file. */
export async function holdAsPodman(lockPath: string): Promise<LockHolder> {
  const program = `
import fcntl, sys
f = open(sys.argv[1], 'a+')
fcntl.lockf(f, fcntl.LOCK_EX)
print('held', flush=True)
sys.stdin.read()
`;
  const child = spawn('python3', ['-c', program, lockPath], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    release: async () => {
      child.stdin.end();
      await ended;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
