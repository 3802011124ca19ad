import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface LockHolder {
  readonly pid: number;
  release(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts a process that locks a file as Podman does, with a POSIX record lock on the whole file. */
export async function holdAsPodman(lockPath: string): Promise<LockHolder> {
  return await hold(lockPath, 'a+', 'LOCK_EX');
}

/** Starts a process, of this user or another, that holds a shared lock, for which the right to read suffices. */
export async function shareAsReader(lockPath: string, uid?: number): Promise<LockHolder> {
  return await hold(lockPath, 'r', 'LOCK_SH', uid);
}

async function hold(lockPath: string, mode: string, kind: string, uid?: number): Promise<LockHolder> {
  const program = `
import fcntl, sys
f = open(sys.argv[1], sys.argv[2])
fcntl.lockf(f, getattr(fcntl, sys.argv[3]))
print('held', flush=True)
sys.stdin.read()
`;
  const child = spawn('python3', ['-c', program, lockPath, mode, kind], {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), ended]);
  if (child.exitCode !== null) throw new Error(errors);
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
