import t from 'tap';
import { PortClaims } from '../../../src/network/attachments/port-claims.js';

const container = (name: string) => ({ id: `${name}-id`, name, netns: `/run/netns/${name}`, isGone: false });

const mappings = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' as const, hostIp: undefined }];

t.test('a port of a connect under way is refused with the container, to those who see its network', (t) => {
  const claims = new PortClaims();
  const claim = (name: string, seesNetwork: (network: string | undefined) => boolean) =>
    claims.claim(container(name), 'web', mappings, [], seesNetwork, () => true);
  const release = claim('front', () => true);
  t.throws(() => claim('back', (network) => network === 'web'), {
    code: 'hostPortUsed',
    details: { container: 'front' },
  });
  t.throws(() => claim('back', (network) => network === 'lab'), { code: 'hostPortUnavailable' });
  release();
  claim('back', () => false)();
  t.end();
});
