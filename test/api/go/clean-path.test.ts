import t from 'tap';
import { findCleanUrl } from '../../../src/api/go/clean-path.js';

t.test('clean URLs stay', async (t) => {
  const urls = [
    '/',
    '/networks',
    '/networks/',
    '/networks/a..b',
    '/networks/.x',
    '/%2e%2e/x',
    '/a%2F%2Fb',
    '/x?a=//../b',
  ];
  for (const url of urls) t.equal(findCleanUrl(url), undefined, url);
});

t.test('other URLs have a clean form', async (t) => {
  const table: readonly (readonly [url: string, clean: string])[] = [
    ['//v1.41/networks', '/v1.41/networks'],
    ['/v1.41//networks?a=1', '/v1.41/networks?a=1'],
    ['/v1.41/networks/../networks', '/v1.41/networks'],
    ['/v1.41/./networks', '/v1.41/networks'],
    ['/v1.41/networks//', '/v1.41/networks/'],
    ['/v1.41/networks/..', '/v1.41'],
    ['/v1.41/networks/.', '/v1.41/networks'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['//evil.example/x', '/evil.example/x'],
    ['////', '/'],
    ['/..', '/'],
    ['//x?y=//z', '/x?y=//z'],
  ];
  for (const [url, clean] of table) t.equal(findCleanUrl(url), clean, url);
});
