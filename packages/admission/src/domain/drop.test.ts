/** The names of a set file while it is processed: readable, reversible, and never too long. */
import { REPORT_ENDINGS } from '@setlist/contracts';
import { describe, expect, it } from 'vitest';
import { dropOf, dropOfEntry, extensionOf, isSetFile, nameWithoutExtension, nameWithRun } from './drop.ts';

const RUN = '20261122t205012-k3f9q2';

describe('the names of a drop', () => {
  it.each(['a.yml', 'a.yaml', 'a.json', 'A B.YML', 'a.b.Yaml', '大.yml'])('%s is a set file', (name) => {
    expect(isSetFile(name)).toBe(true);
  });

  it.each(['.a.yml', 'a.yml.problems.json', 'a.yml~', 'a.yml.part', 'a.txt', 'yml', '.yml'])(
    '%s is not a set file',
    (name) => {
      expect(isSetFile(name)).toBe(false);
    },
  );

  it("can be read back from a claimed entry, even if the file's name contains a tilde", () => {
    const drop = dropOf('/inbox', { run: RUN }, 'a~b.yml');
    expect(drop.entry).toBe(`${RUN}~a~b.yml`);
    expect(dropOfEntry('/inbox', drop.entry)).toEqual(drop);
  });

  it.each([
    [{}, ''],
    [{ fresh: true }, '+fresh'],
    [{ byRun: true, fresh: true }, '+by-run+fresh'],
    [{ maxUsd: '2.50', priority: 'high' }, '+max-usd=2.50+priority=high'],
    [{ deadline: '2026-11-22T20:00+01:00' }, '+deadline=2026-11-22T20%3A00%2B01%3A00'],
    [{ fresh: true, deadline: '2h' }, '+fresh+deadline=2h'],
  ] as const)('carry the options of the run: %o', (options, token) => {
    const drop = dropOf('/inbox', { run: RUN, options }, 'a+b~c.yml');
    expect(drop.entry).toBe(`${RUN}${token}~a+b~c.yml`);
    expect(dropOfEntry('/inbox', drop.entry)).toEqual(drop);
  });

  it.each([
    '+cheap',
    '+fresh=no',
    '+fresh+by-run',
    '+max-usd=x',
    '+max-usd',
    '+priority=urgent',
    '+deadline=soon',
    '+',
    'fresh',
    '+max-usd=%',
  ])('are not read where the options are unknown: %s', (token) => {
    expect(dropOfEntry('/inbox', `${RUN}${token}~x.yml`)).toBeUndefined();
  });

  it.each(['x.yml', '~x.yml', `${RUN}~`, `${RUN}x.yml`, '.probe'])('are not read from %s', (entry) => {
    expect(dropOfEntry('/inbox', entry)).toBeUndefined();
  });

  it.each(['x'.repeat(255), `${'ä'.repeat(125)}x.yml`, `${'🐋'.repeat(62)}.json`])(
    'fit into a file system with everything that is added to them (%#)',
    (name) => {
      const options = {
        fresh: true,
        maxUsd: '123456789012.123456789012',
        deadline: '2026-11-22T20:00:00.000+01:00',
        priority: 'normal',
      } as const;
      const drop = dropOf('/inbox', { run: RUN, options }, name);
      const longest = `${nameWithRun(drop)}${REPORT_ENDINGS.json}`;
      for (const made of [drop.entry, longest]) expect(Buffer.byteLength(made)).toBeLessThanOrEqual(255);
      expect(drop.fileName.isWellFormed()).toBe(true);
      expect(extensionOf(drop.fileName)).toBe(extensionOf(name));
    },
  );

  it('take the run id before the extension', () => {
    expect(nameWithRun(dropOf('/inbox', { run: RUN }, 'act.one.yml'))).toBe(`act.one.${RUN}.yml`);
    expect(nameWithoutExtension('act.one.yml')).toBe('act.one');
    expect(nameWithoutExtension('noextension')).toBe('noextension');
  });
});
