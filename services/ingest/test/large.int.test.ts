/** A set of 100,000 items goes through in bounded memory. */
import { readFile } from 'node:fs/promises';
import { subjects } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { setOf, startWorld } from './world.ts';

const ITEMS = 100_000;
const HEAP_MB = 256;

it('asks for 100,000 items within a heap of 256 MB', { timeout: 180_000 }, async () => {
  await using world = await startWorld();
  await using ingest = await world.process({ NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` });
  await world.moveIn('huge.yml', setOf('huge', ITEMS));
  const movedMs = performance.now();
  await eventually(async () => (await world.files('done')).includes('huge.yml'), {
    deadlineMs: 150_000,
    everyMs: 100,
  });
  const seconds = (performance.now() - movedMs) / 1_000;
  const [, peakKb] = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${ingest.pid}/status`, 'utf8')) ?? [];
  const [accepted] = await world.lives();
  // The acceptance and as many requests as there are items, stored once each; the last one is the last item's.
  expect(await world.log.head()).toBe(1 + ITEMS);
  const last = await world.log.last(subjects.requested(accepted?.setId ?? '', 'neural'));
  expect(last?.event?.data).toMatchObject({ index: ITEMS - 1 });
  expect(ingest.lines.join('\n')).not.toContain('set-file-waits');
  process.stdout.write(
    `${ITEMS} items: ${seconds.toFixed(1)} s, peak ${Math.round(Number(peakKb) / 1024)} MB\n`,
  );
});
