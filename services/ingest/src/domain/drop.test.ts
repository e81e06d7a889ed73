/** The names that a set file has on its way: readable, reversible, and never too long. */
import { describe, expect, it } from 'vitest';
import {
  dropOf,
  dropOfEntry,
  extensionOf,
  isSetFile,
  nameWithoutExtension,
  nameWithRun,
  REPORT_ENDINGS,
} from './drop.ts';

const RUN = '20261122t205012-k3f9q2';

describe('the names of a drop', () => {
  it.each(['a.yml', 'a.yaml', 'a.json', 'A B.YML', 'a.b.Yaml', '大.yml'])('%s is a set file', (name) => {
    expect(isSetFile(name)).toBe(true);
  });

  it.each(['.a.yml', 'a.yml~', 'a.yml.part', 'a.txt', 'yml', '.yml'])('%s is none', (name) => {
    expect(isSetFile(name)).toBe(false);
  });

  it('can be read back from a claimed entry, also where the file has a tilde of its own', () => {
    const drop = dropOf('/inbox', RUN, 'a~b.yml');
    expect(drop.entry).toBe(`${RUN}~a~b.yml`);
    expect(dropOfEntry('/inbox', drop.entry)).toEqual(drop);
  });

  it.each(['x.yml', '~x.yml', `${RUN}~`, `${RUN}x.yml`, '.probe'])('are not read from %s', (entry) => {
    expect(dropOfEntry('/inbox', entry)).toBeUndefined();
  });

  it.each(['x'.repeat(255), `${'ä'.repeat(125)}x.yml`, `${'🐋'.repeat(62)}.json`])(
    'fit into a file system with everything that is added to them (%#)',
    (name) => {
      const drop = dropOf('/inbox', RUN, name);
      const longest = `${nameWithRun(drop)}${REPORT_ENDINGS.json}`;
      for (const made of [drop.entry, longest]) expect(Buffer.byteLength(made)).toBeLessThanOrEqual(255);
      expect(drop.fileName.isWellFormed()).toBe(true);
      expect(extensionOf(drop.fileName)).toBe(extensionOf(name));
    },
  );

  it('take the run id before the extension', () => {
    expect(nameWithRun(dropOf('/inbox', RUN, 'act.one.yml'))).toBe(`act.one.${RUN}.yml`);
    expect(nameWithoutExtension('act.one.yml')).toBe('act.one');
    expect(nameWithoutExtension('noextension')).toBe('noextension');
  });
});
