import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Packages without files, in the place of those that a host with rpm has. */

interface Owner {
  /** As Fedora, RHEL and SUSE's relatives of Fedora call it. source: https://src.fedoraproject.org/rpms/{glibc,gcc,bash,systemd} */
  readonly name: string;
  readonly provides: RegExp;
  /** The newest version of each set of symbols that it has on the oldest host, such as RHEL 8: glibc 2.28, GCC 8. */
  readonly symbols?: Readonly<Record<string, string>>;
}

/** source: https://gcc.gnu.org/onlinedocs/libstdc++/manual/abi.html, libgcc and libatomic of GCC 8 */
const owners: readonly Owner[] = [
  { name: 'glibc', provides: /^(?:ld-linux|lib(?:c|dl|m|pthread|rt)\.so\.|rtld\()/, symbols: { GLIBC: '2.28' } },
  { name: 'libgcc', provides: /^libgcc_s\.so\.1\(/, symbols: { GCC: '7.0.0' } },
  { name: 'libstdc++', provides: /^libstdc\+\+\.so\.6\(/, symbols: { GLIBCXX: '3.4.25', CXXABI: '1.3.11' } },
  { name: 'libatomic', provides: /^libatomic\.so\.1\(/, symbols: { LIBATOMIC: '1.2' } },
  { name: 'bash', provides: /^\/bin\/sh$/ },
  { name: 'systemd', provides: /^systemd$/ },
];

/** rpm itself provides these. */
const builtIn = /^rpmlib\(/;

/**
 * Builds packages that provide what one requires, as far as the oldest host does.
 *
 * @param file an .rpm
 * @param scratch folder
 * @returns paths of the packages
 */
export function buildStubs(file: string, scratch: string): readonly string[] {
  const required = new Set(execFileSync('rpm', ['-qp', '--requires', file], { encoding: 'utf8' }).trim().split('\n'));
  const found = [...required].filter((name) => !builtIn.test(name));
  const provided = new Map(owners.map(({ name }) => [name, found.filter((each) => ownerOf(each) === name)]));
  const spec = path.join(scratch, 'stubs.spec');
  const parts = [...provided].map(([name, names]) =>
    [`%package -n ${name}`, 'Summary: Stub', ...names.map((each) => `Provides: ${each}`)]
      .concat(`%description -n ${name}`, 'Stub.', `%files -n ${name}`)
      .join('\n'),
  );
  const head = 'Name: stubs\nVersion: 1\nRelease: 1\nSummary: Stubs\nLicense: Apache-2.0\nBuildArch: noarch\n';
  writeFileSync(spec, `${head}%description\nStubs.\n${parts.join('\n')}\n`);
  mkdirSync(path.join(scratch, 'rpmbuild'));
  execFileSync('rpmbuild', ['-bb', '--quiet', '--define', `_topdir ${scratch}/rpmbuild`, spec], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const built = path.join(scratch, 'rpmbuild/RPMS/noarch');
  return readdirSync(built).map((name) => path.join(built, name));
}

/** @returns undefined where the host lacks it, or has an older version */
function ownerOf(requirement: string): string | undefined {
  return owners.find(
    ({ name, provides, symbols = {} }) =>
      (requirement === name || provides.test(requirement)) &&
      Object.entries(symbols).every(([set, newest]) => isWithin(requirement, set, newest)),
  )?.name;
}

function isWithin(requirement: string, set: string, newest: string): boolean {
  const version = new RegExp(`\\(${set}_([\\d.]+)\\)`).exec(requirement)?.[1];
  return version === undefined || version.localeCompare(newest, 'en', { numeric: true }) <= 0;
}
