import type { Test } from 'tap';
import { makeUserMachine, type MachineOptions, type UserMachine } from '../support/user-machine.js';

/** A user of the namespace; each call is a process of its own, so the namespace must outlive the process. */
export interface RootlessUser {
  readonly machine: UserMachine;
  ensure(wish?: object): Promise<string>;
  release(): Promise<void>;
  /** Runs `ensure` behind a chain of programs. @returns the message of the error, or the result */
  tryEnsure(prefix: readonly string[]): Promise<string>;
  /** Runs a program in the namespace as a plugin is run. @returns stdout */
  inside(
    file: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
    stdin?: string,
  ): Promise<string>;
  /** Evaluates an expression of `ns`, the namespace. */
  evaluate<T>(expression: string): Promise<T>;
}

export interface UserOptions extends MachineOptions {
  readonly slirp?: object;
  readonly slirpPath?: string;
}

export async function makeRootlessUser(t: Test, options: UserOptions = {}): Promise<RootlessUser> {
  const machine = await makeUserMachine(t, options);
  const settings = {
    euid: machine.uid,
    egid: machine.uid,
    runtimeDir: machine.runtimeDir,
    ...(options.slirpPath && { slirpPath: options.slirpPath }),
    slirp: { mtu: 65_520, allowHostLoopback: false, ...options.slirp },
  };
  const evaluate = async <T>(expression: string, prefix: readonly string[] = []): Promise<T> => {
    const script = `
      import { RootlessNamespace } from '${machine.project}/dist/rootless/namespace.js';
      const ns = new RootlessNamespace(${JSON.stringify(settings)});
      const value = await (${expression});
      process.stdout.write(JSON.stringify({ value }) ?? '');
    `;
    const [program, ...args] = [...prefix, machine.node, '--input-type=module', '--eval', script];
    const output = await machine.must(program, args);
    return (JSON.parse(output) as { value: T }).value;
  };
  return {
    machine,
    evaluate,
    // Settled at once: there are no attachments.
    ensure: async (wish = {}) =>
      await evaluate<string>(
        `ns.ensure(${JSON.stringify(wish)}).then(async (found) => (found === 'gone' && (await ns.settle()), found))`,
      ),
    tryEnsure: async (prefix) => await evaluate<string>('ns.ensure().catch((error) => error.message)', prefix),
    release: async () => await evaluate<void>('ns.release()'),
    inside: async (file, args, env = {}, stdin = '') => {
      const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      const argv = ['env', ...set, file, ...args];
      const [program = '', ...rest] = await evaluate<readonly string[]>(`ns.wrap(${JSON.stringify(argv)})`);
      return await machine.must(program, rest, { stdin });
    },
  };
}
