import { entry } from './entry.js';

/** By the name that a reason begins with. source: errno(3), open(2), write(2) */
const remedies: Readonly<Record<string, (path: string) => string>> = {
  ENOSPC: (path) => `free space or inodes on the file system of ${path}: "df" and "df -i" show them`,
  EDQUOT: (path) => `free space or inodes of podnetd's user on the file system of ${path}`,
  EROFS: (path) => `mount the file system of ${path} so that it can be written, or choose another folder`,
  EACCES: (path) => `give podnetd's user the right: "namei -l ${path}" shows who has it`,
  EPERM: (path) => `look at "lsattr -d ${path}" and at what confines podnetd: its unit, AppArmor or SELinux`,
  EIO: () => 'look for the disk in the log of the kernel: "dmesg"',
  EUCLEAN: () => 'check the file system: "dmesg" names it',
  ESTALE: (path) => `mount the file system of ${path} again: its server has lost the file`,
  EFBIG: () => 'raise LimitFSIZE of the unit, or "ulimit -f"',
  EMFILE: () => 'raise LimitNOFILE of the unit, or "ulimit -n"',
  ENFILE: () => 'raise the sysctl fs.file-max',
};

/** Files that cannot be read or changed. */
export const storageErrors = {
  storageFailed: entry({
    kind: 'storage',
    message: (d: { path: string; operation: string; reason: string }) => `${d.operation} ${d.path}: ${d.reason}`,
    remedy: ({ reason, path }) => remedies[/^[A-Z0-9]+(?=:)/.exec(reason)?.[0] ?? '']?.(path),
  }),
  fileLinked: entry({
    kind: 'forbidden',
    message: (d: { path: string }) =>
      `file ${d.path} is a symbolic link, and its change would put a file in the place of the link: change the file that it leads to`,
  }),
  fileExists: entry({
    kind: 'exists',
    message: (d: { path: string }) => `file ${d.path} already exists`,
    remedy: 'send the request again: another program made the file meanwhile, and the next answer judges it',
  }),
};
