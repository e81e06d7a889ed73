/** The lexicons that a set names are looked up at the door; the set keeps them, whatever becomes of them afterwards. */
import { lexiconQuestion, lexiconsSubject } from '@setlist/contracts';
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

it('the door asks a dispatcher for lexicons, waits while nobody answers, and refuses one that does not exist', () =>
  withWorld(async (world) => {
    await using _ingest = await world.ingest();
    const withLexicon = (name: string) =>
      `set:\n  name: ${name}\nitems:\n  - text: W3C\n    lexicons: [${name}]\n`;
    await world.moveIn('there.yml', withLexicon('there'));
    await eventually(() => world.logged.some(({ event }) => event === 'set-file-waits'));
    expect(await world.lives()).toEqual([]);
    const sha256 = 'a'.repeat(64);
    await using _answering = world.log.answer(
      lexiconsSubject('local'),
      async (question) => {
        const { names, provider } = lexiconQuestion.parse(question);
        expect(provider).toBe('local');
        return { digests: names.includes('there') ? { there: sha256 } : {} };
      },
      (error) => {
        throw error;
      },
    );
    await eventually(async () => (await world.files('done')).includes('there.yml'));
    const [request] = await recordsOn(world.log, 'setlist.events.*.requested.*');
    if (request?.event?.name !== 'ItemRequested') throw new Error('not asked for');
    expect(request.event.data.sound.lexicons).toEqual([{ name: 'there', sha256 }]);

    await world.moveIn('gone.yml', withLexicon('gone'));
    await eventually(async () => (await world.files('rejected')).length === 3);
    const [, rejected] = await world.lives();
    expect(rejected?.name === 'SetRejected' && rejected.data.problems).toMatchObject([
      { line: 4, column: 5, code: 'no-such-lexicon', path: 'items[0].lexicons' },
    ]);
  }));

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

it('begins no set once it is told to stop, so that whoever placed the file can take it back', () =>
  withWorld(async (world) => {
    await using ingest = await world.ingest();
    let ended: PromiseLike<void> | undefined;
    await using _answering = world.log.answer(
      lexiconsSubject('local'),
      async () => {
        ended ??= ingest[Symbol.asyncDispose]();
        return { digests: { brands: JUDGED } };
      },
      (error) => {
        throw error;
      },
    );
    await world.moveIn('spoken.yml', SET);
    await eventually(() => ended !== undefined);
    await ended;
    expect(await world.lives()).toEqual([]);
    expect(await world.files('.claimed')).toHaveLength(1);
  }));
