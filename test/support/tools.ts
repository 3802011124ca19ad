import { execFileSync } from 'node:child_process';

/** The reason to skip a test that needs these programs (and root); false when it can run. A skip fails CI. */
export function missing(...programs: readonly string[]): string | false {
  if (process.getuid?.() !== 0) return 'needs root';
  const absent = programs.filter((program) => !isInstalled(program));
  return absent.length > 0 && `needs ${absent.join(', ')}`;
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v -- "$1"', 'sh', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
