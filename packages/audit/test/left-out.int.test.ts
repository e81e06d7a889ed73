/** Files that are gone or changed when a set is exported are left out of its archive, and reported. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { subjects } from '@setlist/contracts';
import { extract } from 'tar';
import { expect, test } from 'vitest';
import { type ArchiveVerdict, exportSet, type Finding, verifyArchive } from '../src/index.ts';
import { soundOfItem } from './told.ts';
import { openWorld, tellHistory, type World } from './world.ts';

const YAML = { contentType: 'application/yaml' };

async function checked(path: string): Promise<ArchiveVerdict & { findings: Finding[] }> {
  const findings: Finding[] = [];
  const verdict = await verifyArchive(path, { onFinding: (finding) => void findings.push(finding) });
  return { ...verdict, findings };
}

test('audio that a later run has overwritten comes from the store; missing audio is left out and reported', async () => {
  await using told = await openWorld();
  const { tour } = await tellHistory(told);
  const { log, store, output, folder } = told;
  const path = join(folder, 'tour.tar.gz');
  const exported = () => exportSet(tour.id, path, { log, store, outputAt: () => output, now: new Date() });
  const name = 'tour/item-1.mp3';
  await output.put(name, Buffer.from('what a later run said'), { contentType: 'audio/mpeg' });
  expect(await exported()).toMatchObject({ audioFiles: 4, missing: [] });
  expect(await checked(path)).toMatchObject({ findings: [], audioFiles: 4 });

  await store.delete(soundOfItem(tour.item(1), store).key);
  expect(await exported()).toMatchObject({ audioFiles: 3, missing: [output.locate(name)] });
  const { findings, faults, audioFiles } = await checked(path);
  expect({ codes: findings.map(({ code }) => code), faults, audioFiles }).toEqual({
    codes: ['file-left-out'],
    faults: 0,
    audioFiles: 3,
  });
});

test("only the sound's own audio goes from the store into an archive, whatever a payment names", async () => {
  await using told = await openWorld();
  const { tour } = await tellHistory(told);
  const { log, store, output, folder } = told;
  const sound = soundOfItem(tour.item(1), store);
  const head = await log.last(subjects.sound(sound.hash));
  await store.put('sets/of-another.yml', await store.get(sound.key), YAML);
  await store.delete(sound.key);
  await log.append(sound.paid(2, { object: 'sets/of-another.yml' }), { lastSeq: head?.seq ?? 0 });
  await output.delete('tour/item-1.mp3');
  const path = join(folder, 'tour.tar.gz');
  const exported = await exportSet(tour.id, path, { log, store, outputAt: () => output, now: new Date() });
  expect(exported).toMatchObject({ audioFiles: 3, missing: [output.locate('tour/item-1.mp3')] });
});

test.each([
  ['gone', (told: World) => told.store.delete('sets/tour.yml')],
  ['damaged', (told: World) => told.store.put('sets/tour.yml', Buffer.from('TOUR'), YAML)],
])(
  'a set file that is %s is left out and reported, and the archive passes its check without it',
  async (_, damage) => {
    await using told = await openWorld();
    const { tour } = await tellHistory(told);
    const { log, store, folder } = told;
    await damage(told);
    const path = join(folder, 'tour.tar.gz');
    const { missing } = await exportSet(tour.id, path, { log, store, now: new Date() });
    expect(missing).toEqual([store.locate('sets/tour.yml')]);
    const { findings, faults } = await checked(path);
    expect({ codes: findings.map(({ code }) => code), faults }).toEqual({
      codes: ['file-left-out'],
      faults: 0,
    });
    await extract({ file: path, cwd: folder });
    expect((await readdir(join(folder, tour.id))).filter((name) => name.startsWith('set-file'))).toEqual([]);
    expect(await readFile(join(folder, tour.id, 'README.txt'), 'utf8')).not.toContain('set-file');
  },
);
