import path from 'node:path';
import t from 'tap';
import { makeNetns } from '../../support/netns.js';
import { missing } from '../../support/tools.js';

const module = path.resolve(import.meta.dirname, '../../../dist/host/netlink/rtnetlink.js');

t.test('removes a bridge without ports, and no other link', { skip: missing('ip', 'nsenter') }, async (t) => {
  const netns = makeNetns(t);
  await netns.ip('link', 'add', 'br-idle', 'type', 'bridge');
  await netns.ip('link', 'add', 'br-busy', 'type', 'bridge');
  await netns.ip('link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'down0');
  await netns.ip('link', 'set', 'up0', 'master', 'br-busy');
  const remove = async (name: string) => {
    const program = `
      const { RtNetlink } = await import(${JSON.stringify(module)});
      process.stdout.write(JSON.stringify(await new RtNetlink().removeBridge(${JSON.stringify(name)})));
      process.exit(0);`;
    const { stdout, stderr } = await netns.run(process.execPath, ['--input-type=module', '--eval', program]);
    t.equal(stderr, '');
    return JSON.parse(stdout) as unknown;
  };
  await netns.ip('link', 'property', 'add', 'dev', 'br-idle', 'altname', 'br-other');
  t.equal(await remove('br-other'), 'absent', 'an alternative name does not count');
  t.match(await netns.ip('-o', 'link'), 'br-idle');
  t.equal(await remove('br-idle'), 'removed');
  t.strictSame(await remove('br-busy'), { stays: 'bridge br-busy stays: up0 is plugged into it' });
  t.equal(await remove('up0'), 'absent', 'a link of another kind stays');
  t.equal(await remove('none'), 'absent');
  const links = await netns.ip('-o', 'link');
  t.notMatch(links, 'br-idle');
  for (const kept of ['br-busy', 'up0', 'down0', 'lo']) t.match(links, kept);
});
