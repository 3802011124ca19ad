/** Makes folders. Arguments: `lasting` or `private`, then the folders. Prints one line per folder: `made`, or the error's message. */
import { makeFolder } from '../../../src/host/files/make-folder.js';
import { makePrivateFolder } from '../../../src/host/files/user-folder.js';

const [kind, ...folders] = process.argv.slice(2);
for (const folder of folders) {
  try {
    if (kind === 'private') makePrivateFolder(folder);
    else makeFolder(folder);
    process.stdout.write('made\n');
  } catch (error) {
    process.stdout.write(`${(error as Error).message}\n`);
  }
}
