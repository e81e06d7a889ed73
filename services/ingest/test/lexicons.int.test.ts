/** A set is requested with the lexicons that it was judged with, whatever becomes of them afterwards. */
import { lexiconsSubject } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { eventually } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { withMethod } from './bucket-world.ts';
import { recordsOn, type World, withWorld } from './world.ts';

const JUDGED = 'a'.repeat(64);
const EDITED = 'b'.repeat(64);
const SET = 'set:\n  name: spoken\nitems:\n  - text: W3C\n    lexicons: [brands]\n';

/** Answers for a dispatcher whose lexicon is edited, or deleted, after the first question. */
function editedAfterwards(log: EventLog, edited: Record<string, string>): AsyncDisposable {
  let asked = 0;
  return log.answer(
    lexiconsSubject('local'),
    async () => ({ digests: asked++ === 0 ? { brands: JUDGED } : edited }),
    (error) => {
      throw error;
    },
  );
}

async function lexiconsRequested(world: World) {
  await eventually(async () => (await world.files('done')).length === 1);
  const records = await recordsOn(world.log, 'setlist.events.*.requested.*');
  return records.map(({ event }) => event?.name === 'ItemRequested' && event.data.sound.lexicons);
}

it('requests a set with the lexicons that its cost was judged with, although one is edited meanwhile', () =>
  withWorld(async (world) => {
    await using _answering = editedAfterwards(world.log, { brands: EDITED });
    await using _ingest = await world.ingest();
    await world.moveIn('spoken.yml', SET);
    expect(await lexiconsRequested(world)).toEqual([[{ name: 'brands', sha256: JUDGED }]]);
    expect(await world.lives()).toMatchObject([{ data: { lexicons: [{ name: 'brands', sha256: JUDGED }] } }]);
  }));

it.each([
  ['edited', { brands: EDITED }],
  ['deleted', {}],
])('continues a set whose lexicon was %s with the one that it was accepted with', (_, edited) =>
  withWorld(async (world) => {
    await using _answering = editedAfterwards(world.log, edited);
    let failed = 0;
    const failing: EventLog['appendAll'] = async (events) => {
      if (failed++ === 0) throw new Error('the broker is away');
      return await world.log.appendAll(events);
    };
    await using _ingest = await world.ingest({}, withMethod(world.log, 'appendAll', failing));
    await world.moveIn('spoken.yml', SET);
    expect(await lexiconsRequested(world)).toEqual([[{ name: 'brands', sha256: JUDGED }]]);
  }),
);
