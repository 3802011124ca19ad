import { writeFileSync } from 'node:fs';
import { curlSettings, type Machine } from './machine.js';

/** An ordinary user of a machine, whose manager (`systemd --user`) runs. */
export interface MachineUser extends Pick<Machine, 'wrap'> {
  /** Runs a shell script as the user. @returns stdout without the last line's end @throws Error with the output when it fails */
  shell(script: string): Promise<string>;
  /** Ends all that the user runs, and removes the user's files. */
  remove(): Promise<void>;
}

/** Makes a user who lingers, so that the manager runs without a log-in. */
export async function addUser(machine: Machine, name: string): Promise<MachineUser> {
  const uid = await machine.shell(`
    useradd --create-home --shell /bin/bash ${name}
    loginctl enable-linger ${name}
    for try in $(seq 300); do systemctl is-active --quiet user@$(id -u ${name}).service && break; sleep 0.1; done
    id -u ${name}`);
  writeFileSync(machine.outside(`/home/${name}/.curlrc`), curlSettings);
  const home = `/home/${name}`;
  const settings = [`HOME=${home}`, `XDG_RUNTIME_DIR=/run/user/${uid}`, `--chdir=${home}`];
  const wrap: Machine['wrap'] = (file, args) =>
    machine.wrap('runuser', ['--user', name, '--', 'env', ...settings, file, ...args]);
  return {
    wrap,
    shell: async (script) => await machine.shell(script, wrap),
    remove: async () => {
      await machine.shell(`
        loginctl disable-linger ${name}
        systemctl stop user@${uid}.service
        pkill --signal KILL --uid ${uid} || true
        for try in $(seq 100); do pgrep --uid ${uid} >/dev/null || break; sleep 0.1; done
        userdel --remove ${name} 2>/dev/null`);
    },
  };
}
