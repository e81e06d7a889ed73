/** A manifest follows from a set's events: what it contains, and that the same events give the same bytes. */
import { readFileSync } from 'node:fs';
import { MANIFEST_SCHEMA, type Manifest, manifestSchema } from '@setlist/contracts';
import { eventsOf, failure, recorded, timeOf } from '@setlist/testkit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { manifestOf } from '../../test/manifest-of.ts';
import { projectSet } from '../../test/project-set.ts';
import { manifestJson, readManifestHeader } from './manifest-json.ts';

const set = eventsOf(undefined, 3);
const at = (seq: number): string => new Date(timeOf(seq)).toISOString();

const HISTORY = recorded([
  set.accepted(),
  ...[0, 1, 2].map((index) => set.requested(index)),
  set.completed(0, 'paid'),
  set.failed(1),
  set.completed(2, 'reused'),
  set.setCompleted(1, at(7), 1),
]);

const RETRIED = recorded([
  ...HISTORY.flatMap(({ event }) => event ?? []),
  set.notified(),
  set.retried(2, 1),
  set.requested(1, 2),
  set.completed(1, 'recovered', 2),
  set.setCompleted(2, at(12)),
]);

const text = async (manifest: Manifest): Promise<string> => {
  const { items, ...header } = manifest;
  return (await Array.fromAsync(manifestJson(header, items))).join('');
};

/** The published JSON Schema of the newest version. */
const published = (): object => {
  const file = `${MANIFEST_SCHEMA.slice('urn:setlist:schema:setlist.'.length)}.schema.json`;
  return JSON.parse(readFileSync(new URL(`../../../contracts/schemas/${file}`, import.meta.url), 'utf8'));
};

/** The text in pieces of a number of bytes, as a file might arrive: split within characters and lines. */
async function* inPieces(whole: string, bytes: number): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.from(whole);
  for (let from = 0; from < buffer.length; from += bytes) yield buffer.subarray(from, from + bytes);
}

describe('a manifest', () => {
  it('has the result of each item, from its newest attempt', () => {
    const manifest = manifestOf(HISTORY);
    expect(manifestSchema.parse(manifest)).toEqual(manifest);
    expect(manifest?.items.map(({ index, state }) => `${index} ${state}`)).toEqual([
      '0 completed',
      '1 failed',
      '2 completed',
    ]);
    const [paid, failed, reused] = manifest?.items ?? [];
    expect(paid).toMatchObject({
      text: 'Phrase 0',
      file: 'moby-dick/item-0.mp3',
      how: 'paid',
      durationMs: 1200,
      bytes: 4096,
      sha256: 'a'.repeat(64),
      billedCharacters: 100,
      attempts: 1,
      requestedAt: at(2),
      endedAt: at(5),
    });
    expect(paid).not.toHaveProperty('error');
    expect(failed).toMatchObject({ error: { ...failure, tries: 3 }, attempts: 1, endedAt: at(6) });
    expect(failed).not.toHaveProperty('bytes');
    expect(reused).toMatchObject({ how: 'reused', billedCharacters: 0, sparedCharacters: 100 });
  });

  it('has the payment of an undelivered item, and counts it once over all rounds', () => {
    const undelivered = [set.accepted(), set.requested(0), set.failedPaid(0), set.setCompleted(1, at(4), 1)];
    const failed = manifestOf(recorded(undelivered));
    expect(failed).toMatchObject({ billedCharacters: 100, costUsd: '0.0016' });
    expect(failed?.items[0]).toMatchObject({ state: 'failed', billedCharacters: 100 });
    const again = [set.retried(2, 1), set.requested(0, 2), set.completedLater(0, 2, 100)];
    const history = recorded([...undelivered, ...again, set.setCompleted(2, at(8))]);
    const completed = manifestOf(history);
    expect(completed).toMatchObject({ billedCharacters: 100, sparedCharacters: 0, costUsd: '0.0016' });
    expect(completed?.items[0]).toMatchObject({ how: 'paid', billedCharacters: 100, attempts: 2 });
  });

  it('has the same counts as the summary, over all rounds', () => {
    const { summary } = projectSet(RETRIED);
    const manifest = manifestOf(RETRIED);
    const { requested: _, awaited: __, ...counts } = summary?.counts ?? { requested: 0, awaited: 0 };
    expect(manifest).toMatchObject({
      state: 'completed',
      round: 2,
      counts,
      billedCharacters: summary?.billedCharacters,
      sparedCharacters: summary?.sparedCharacters,
      costUsd: summary?.costUsd,
      savedUsd: summary?.savedUsd,
      startedAt: summary?.startedAt,
      endedAt: summary?.endedAt,
    });
    expect(manifest?.counts).toEqual({ total: 3, completed: 3, failed: 0, paid: 1, reused: 1, recovered: 1 });
    expect(manifest?.items[1]).toMatchObject({
      state: 'completed',
      how: 'recovered',
      attempts: 2,
      requestedAt: at(3),
    });
  });

  it('has the chain named by the completion, and the sequence up to which it covers the log', () => {
    const said = RETRIED.at(-1)?.event;
    if (said?.name !== 'SetCompleted') throw new Error('the history ends otherwise');
    expect(manifestOf(RETRIED)).toMatchObject({
      chain: said.data.chain,
      acceptedSeq: 1,
      generatedFromSeq: 13,
    });
  });

  it('is the same byte for byte, whatever events and repeats follow', async () => {
    const once = manifestOf(RETRIED);
    const events = RETRIED.flatMap(({ event }) => event ?? []);
    const later = manifestOf(
      recorded([...events, set.notified(), set.completed(1, 'paid', 1), set.requested(0)]),
    );
    if (once === undefined || later === undefined) throw new Error('no manifest');
    expect(await text(later)).toBe(await text(once));
  });

  it('lists items in the order of the set file, in whatever order they were stored', () => {
    const order = [2, 0, 1];
    const manifest = manifestOf(
      recorded([
        set.accepted(),
        ...order.map((index) => set.requested(index)),
        set.completed(1),
        set.cancelled(),
      ]),
    );
    expect(manifest?.items.map(({ index, state }) => `${index} ${state}`)).toEqual([
      '0 requested',
      '1 completed',
      '2 requested',
    ]);
  });

  it('of a cancelled set includes items that end afterwards, and no item that was never requested', () => {
    const events = [set.accepted(), set.requested(0), set.requested(2), set.cancelled()];
    const before = manifestOf(recorded(events));
    const after = manifestOf(recorded([...events, set.completed(0)]));
    expect(before).toMatchObject({
      state: 'cancelled',
      generatedFromSeq: 4,
      chain: { events: 4 },
      endedAt: at(4),
    });
    expect(before?.items.map(({ state }) => state)).toEqual(['requested', 'requested']);
    expect(after).toMatchObject({
      state: 'cancelled',
      generatedFromSeq: 5,
      chain: { events: 5 },
      endedAt: at(4),
    });
    expect(after?.items.map(({ index, state }) => `${index} ${state}`)).toEqual([
      '0 completed',
      '2 requested',
    ]);
    expect(after?.chain).toEqual(projectSet(recorded([...events, set.completed(0)])).summary?.chain);
  });

  it('does not exist for a set that has not ended, is being retried, was rejected or never began', () => {
    expect(manifestOf(HISTORY.slice(0, -1))).toBeUndefined();
    expect(manifestOf(RETRIED.slice(0, -1))).toBeUndefined();
    expect(manifestOf(recorded([set.rejected('Broken')]))).toBeUndefined();
    expect(manifestOf([])).toBeUndefined();
  });
});

describe('its JSON', () => {
  it('fits its published schema, with an item of each state', async () => {
    const requested = [0, 1, 2].map((index) => set.requested(index));
    const ended = [set.completed(0), set.failed(1), set.cancelled()];
    const manifest = manifestOf(recorded([set.accepted(), ...requested, ...ended]));
    if (manifest === undefined) throw new Error('no manifest');
    const written = JSON.parse(await text(manifest)) as Manifest;
    expect(written.items.map(({ state }) => state)).toEqual(['completed', 'failed', 'requested']);
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const validate = ajv.compile(published());
    expect(validate(written), JSON.stringify(validate.errors)).toBe(true);
  });

  it('has one item on each line, and parses to the same manifest', async () => {
    const manifest = manifestOf(HISTORY);
    if (manifest === undefined) throw new Error('no manifest');
    const json = await text(manifest);
    expect(JSON.parse(json)).toEqual(manifest);
    expect(json.split('\n').filter((line) => line.startsWith('    {"index":'))).toHaveLength(3);
  });

  it('is complete without items too', async () => {
    const manifest = manifestOf(recorded([set.accepted(), set.cancelled()]));
    if (manifest === undefined) throw new Error('no manifest');
    expect(JSON.parse(await text(manifest))).toEqual({ ...manifest, items: [] });
  });

  it.each([1, 7, 100_000])('has a header that can be read %i bytes at a time', async (bytes) => {
    const manifest = manifestOf(HISTORY);
    if (manifest === undefined) throw new Error('no manifest');
    const { items: _, ...header } = manifest;
    expect(await readManifestHeader(inPieces(await text(manifest), bytes))).toEqual(header);
  });

  it.each(['', '{}', '{"items": [', '{\n  "setId": "x",\n  "items": [', 'not JSON,\n  "items": ['])(
    'is not recognised in %j',
    async (other) => {
      expect(await readManifestHeader(inPieces(other, 4))).toBeUndefined();
    },
  );
});
