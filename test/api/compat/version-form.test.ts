import t from 'tap';
import { formOf } from '../../../src/api/compat/version-form.js';

t.test('each version has the form of the last change before it', async (t) => {
  const cases: readonly (readonly [version: string | undefined, containers: string, ipv4: boolean, status: boolean])[] =
    [
      ['1.24', 'attached', false, false],
      ['1.27', 'attached', false, false],
      ['1.28', 'none', false, false],
      ['1.46', 'none', false, false],
      ['1.47', 'none', true, false],
      ['1.51', 'none', true, false],
      ['1.52', 'absent', true, true],
      ['1.56', 'absent', true, true],
      ['1.100', 'absent', true, true],
      ['2.0', 'absent', true, true],
      ['9x', 'absent', true, true],
      ['1', 'attached', false, false],
      [undefined, 'absent', true, true],
    ];
  for (const [version, listedContainers, showsEnableIpv4, isNewest] of cases) {
    t.same(
      formOf(version),
      {
        listedContainers,
        showsEnableIpv4,
        showsAllocatedPools: isNewest,
        showsStatus: isNewest,
        eventMediaType: isNewest ? 'application/jsonl' : 'application/json',
      },
      version ?? 'none',
    );
  }
  t.equal(formOf('1.48'), formOf('1.51'), 'what is printed in one form is printed once');
});
