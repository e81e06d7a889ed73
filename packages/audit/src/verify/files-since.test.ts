import { newEvent, type SetlistEvent, subjects } from '@setlist/contracts';
import { acceptedData, completedData, requestedData } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { Shadow } from '../fold/shadow.ts';
import { FilesSince } from './files-since.ts';

const setId = 'a-set-20261122t120000-k3f9q2';
const byIngest = { source: 'ingest', now: new Date('2026-11-22T12:00:00Z'), setId } as const;
const recordOf = (event: SetlistEvent, seq: number, subject: string) => ({
  ...{ event, seq, subject, time: byIngest.now, raw: new Uint8Array() },
});
const accepted = recordOf(newEvent('SetAccepted', acceptedData(), byIngest), 1, subjects.state(setId));
const request = newEvent('ItemRequested', requestedData(), byIngest);
const requested = recordOf(request, 2, subjects.requested(setId, 'neural'));
const outcome = newEvent('ItemCompleted', completedData(), { ...byIngest, source: 'dispatcher' });
const completed = recordOf(outcome, 3, subjects.outcome(setId, 'neural', 0, 1));

test('what one of two readings at once finds to be newly written stays so after the other one', async () => {
  const shadow = new Shadow();
  for (const record of [accepted, requested]) shadow.apply(record);
  const [set] = shadow.sets.values();
  if (set === undefined) throw new Error('the set is missing');
  let reads = 0;
  const since = new FilesSince(
    {
      first: async () => accepted,
      async *read({ from = 0 }) {
        if (++reads === 2 && from === 0) await first;
        if (from === 0) yield requested;
        else if (from === completed.seq) yield completed;
      },
    },
    shadow,
  );
  const first = since.readOn();
  await Promise.all([first, since.readOn()]);
  expect(since.has('file:///out', outcome.data.file, set)).toBe(true);
});

test('a reading that fails does not keep later ones from reading', async () => {
  let reads = 0;
  const since = new FilesSince(
    {
      first: async () => undefined,
      async *read() {
        if (++reads === 1) throw new Error('the log is gone');
        yield requested;
      },
    },
    new Shadow(),
  );
  const read = await Promise.allSettled([since.readOn(), since.readOn()]);
  expect(read.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});
