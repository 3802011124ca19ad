/** Makes folders. Arguments: `lasting` or `private`, and the folders. Prints for each a line: `made`, or the message of the error. */
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
