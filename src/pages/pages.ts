import { settingsFiles } from '../config/settings-files.js';
import { bashCompletion } from './completions/bash.js';
import { fishCompletion } from './completions/fish.js';
import { zshCompletion } from './completions/zsh.js';
import { apiPage } from './manual/api-page.js';
import { commandPage } from './manual/command-page.js';
import { doctorPage } from './manual/doctor-page.js';
import { settingsPage } from './manual/settings-page.js';

/** A file that a package of podnetd installs. */
export interface PackagedFile {
  /** Below `dist`. */
  readonly path: string;
  readonly text: string;
}

/** All manual pages and completions. */
export async function makePages(): Promise<readonly PackagedFile[]> {
  return [
    { path: 'man/podnetd.1', text: commandPage() },
    ...settingsFiles.map((file) => ({ path: `man/${file.page}.5`, text: settingsPage(file) })),
    { path: 'man/podnetd-api.7', text: await apiPage() },
    { path: 'man/podnetd-doctor.7', text: doctorPage() },
    { path: 'completions/podnetd.bash', text: bashCompletion() },
    { path: 'completions/_podnetd', text: zshCompletion() },
    { path: 'completions/podnetd.fish', text: fishCompletion() },
  ];
}
