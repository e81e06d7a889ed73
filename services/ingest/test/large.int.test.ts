/** A set of 100,000 items needs little memory, and a million would not need much more. */
import { readFile } from 'node:fs/promises';
import { subjects } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { setOf, startWorld } from './world.ts';

const ITEMS = 100_000;
/** Limit of resident memory: code and libraries (130 MB in an idle ingest), the heap, and the thread that reads. */
const PEAK_MB = 260;

it(`requests 100,000 items within ${PEAK_MB} MB`, { timeout: 400_000 }, async () => {
  await using world = await startWorld();
  await using ingest = await world.process();
  await world.moveIn('huge.yml', setOf('huge', ITEMS));
  const movedMs = performance.now();
  await eventually(async () => (await world.files('done')).includes('huge.yml'), {
    deadlineMs: 360_000,
    everyMs: 100,
  });
  const seconds = (performance.now() - movedMs) / 1_000;
  const [, peakKb] = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${ingest.pid}/status`, 'utf8')) ?? [];
  const peakMb = Math.round(Number(peakKb) / 1024);
  process.stdout.write(`${ITEMS} items: ${seconds.toFixed(1)} s, peak ${peakMb} MB\n`);
  const [accepted] = await world.lives();
  // The acceptance and one request for each item, stored once each; the last one is for the last item.
  expect(await world.log.head()).toBe(1 + ITEMS);
  const last = await world.log.last(subjects.requested(accepted?.setId ?? '', 'neural'));
  expect(last?.event?.data).toMatchObject({ index: ITEMS - 1 });
  expect(ingest.lines.join('\n')).not.toContain('set-file-waits');
  expect(peakMb).toBeLessThan(PEAK_MB);
});
