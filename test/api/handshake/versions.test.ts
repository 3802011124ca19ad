import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { podnetdVersion } from '../../../src/api/handshake/versions.js';

t.test('the version that is served is the package’s', async (t) => {
  const manifest = readFileSync(path.resolve(import.meta.dirname, '../../../package.json'), 'utf8');
  t.match(JSON.parse(manifest), { version: podnetdVersion });
});
