/** Every kind of damage that the audit knows, planted in a restored copy of a log and found under its own code. */
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ItemsPage, itemsPageKey, POSITION_KEY, type SetSummary, setKey } from '@setlist/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allSetsAsOf, type FaultCode, placeOfHead, REMEDIES, repair, Shadow } from '../src/index.ts';
import { DAMAGE_TO_LOG } from './damage-to-log.ts';
import { type Message, openScratch, type Scratch } from './scratch.ts';
import { soundOfItem } from './told.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await openScratch();
});
afterAll(async () => {
  await scratch[Symbol.asyncDispose]();
});

/** One finding of each code. */
async function found() {
  const { findings } = await scratch.world.verify();
  for (const { remedy, what } of findings) expect([remedy, what]).not.toContain('');
  return [...new Map(findings.map((finding) => [finding.code, finding])).values()];
}

test('a copy that is not damaged gives no finding', async () => {
  await scratch.load(scratch.messages);
  expect(await found()).toEqual([]);
});

describe('in the log', () => {
  test.each(DAMAGE_TO_LOG)('%s: %s', async (code, _, edit) => {
    await scratch.load(edit(scratch.messages, scratch));
    expect(await found()).toContainEqual(expect.objectContaining({ code }));
  });

  test('sequence-gap: a missing message, in the middle and at the end', async () => {
    await scratch.load(scratch.messages);
    await scratch.deleteMessage(scratch.messages.length - 3);
    await scratch.deleteMessage(scratch.messages.length);
    const { findings } = await scratch.world.verify();
    const gaps = findings.filter(({ code }) => code === 'sequence-gap').map(({ where }) => where.seq);
    expect(gaps).toEqual([scratch.messages.length - 3, scratch.messages.length]);
  });
});

const summaryKey = (): string => setKey(scratch.history.tour.id);
const pageKey = (): string => itemsPageKey(scratch.history.tour.id, 0);

async function change<T>(key: string, edit: (value: T) => T): Promise<void> {
  const stored = await scratch.world.log.sets.get<T>(key);
  if (stored === undefined) throw new Error(`${key} is not there`);
  await scratch.world.log.sets.put(key, edit(stored.value));
}

const fileAt = (path: string): string => join(scratch.world.folder, path);
const soundAt = (): string =>
  fileAt(`store/${soundOfItem(scratch.history.tour.item(0), scratch.world.store).key}`);

const AROUND_THE_LOG: readonly [FaultCode, string, () => Promise<unknown>][] = [
  ['projection-missing', 'a page that is gone', () => scratch.world.log.sets.delete(pageKey())],
  ['projection-missing', 'the position that is gone', () => scratch.world.log.sets.delete(POSITION_KEY)],
  [
    'projection-differs',
    'a summary with another amount',
    () => change<SetSummary>(summaryKey(), (summary) => ({ ...summary, costUsd: '0.00' })),
  ],
  [
    'projection-differs',
    'a row with another length',
    () =>
      change<ItemsPage>(pageKey(), (page) => ({
        ...page,
        items: page.items.map((row) => (row.index === 2 ? { ...row, durationMs: 1 } : row)),
      })),
  ],
  [
    'projection-differs',
    'a row that is gone from its page',
    () => change<ItemsPage>(pageKey(), (page) => ({ ...page, items: page.items.slice(1) })),
  ],
  ...(
    [
      ['rows in another order', (page) => ({ ...page, items: page.items.toReversed() })],
      ['a row twice', (page) => ({ ...page, items: [...page.items, ...page.items.slice(-1)] })],
      ['a row too many', (page) => ({ ...page, items: [...page.items, { ...page.items[0], index: 9 }] })],
      ['a row that is none', (page) => ({ ...page, items: [null, ...page.items.slice(1)] })],
      ['no rows', ({ items: _, ...page }) => page],
      ['a field too many', (page) => ({ ...page, more: true })],
    ] satisfies [string, (page: ItemsPage) => unknown][]
  ).map(([what, edit]): [FaultCode, string, () => Promise<unknown>] => [
    'projection-differs',
    `a page with ${what}`,
    () => change<unknown>(pageKey(), (page) => edit(page as ItemsPage)),
  ]),
  [
    'projection-differs',
    'a summary with its fields in another order',
    () => change<SetSummary>(summaryKey(), ({ setId, ...summary }) => ({ ...summary, setId })),
  ],
  [
    'projection-contradicts',
    'a summary of other events',
    () =>
      change<SetSummary>(summaryKey(), (summary) => ({
        ...summary,
        chain: { ...summary.chain, head: 'f'.repeat(64) },
      })),
  ],
  [
    'projection-behind',
    'a summary of an earlier time',
    () => change<SetSummary>(summaryKey(), (summary) => ({ ...summary, lastSeq: summary.lastSeq - 1 })),
  ],
  [
    'projection-ahead',
    'a summary that knows of a later event',
    () => change<SetSummary>(summaryKey(), (summary) => ({ ...summary, lastSeq: summary.lastSeq + 100 })),
  ],
  [
    'projection-orphaned',
    'a summary of a set that never was',
    () => scratch.world.log.sets.put('set.never', { lastSeq: 1 }),
  ],
  ['projection-orphaned', 'a key that is none of ours', () => scratch.world.log.sets.put('foo', {})],
  [
    'projection-orphaned',
    'a key that only begins like one of ours',
    () => scratch.world.log.sets.put(`${pageKey()}.x`, {}),
  ],
  ['manifest-missing', 'a manifest that is gone', () => rm(fileAt('out/tour/manifest.json'))],
  [
    'manifest-differs',
    'a manifest that somebody edited',
    () => writeFile(fileAt('out/tour/manifest.json'), '{}'),
  ],
  ['manifest-missing', 'a table of items that is gone', () => rm(fileAt('out/tour/manifest.csv'))],
  [
    'manifest-differs',
    'a table of items that somebody edited',
    () => appendFile(fileAt('out/tour/manifest.csv'), 'x'),
  ],
  ['file-missing', 'a file that is gone', () => rm(fileAt('out/tour/item-1.mp3'))],
  ['file-size', 'a file that was cut short', () => writeFile(fileAt('out/tour/item-1.mp3'), 'audio')],
  [
    'file-damaged',
    'a file of the right length and other bytes',
    () => writeFile(fileAt('out/tour/item-0.mp3'), 'AUDIO of Welcome.'),
  ],
  ['sound-missing', 'stored audio that is gone', () => rm(soundAt())],
  ['sound-size', 'stored audio that was cut short', () => writeFile(soundAt(), 'audio')],
  ['sound-damaged', 'stored audio with other bytes', () => writeFile(soundAt(), 'AUDIO of Welcome.')],
  ['setfile-missing', 'a kept set file that is gone', () => rm(fileAt('store/sets/tour.yml'))],
  [
    'setfile-damaged',
    'a kept set file with more bytes',
    () => appendFile(fileAt('store/sets/tour.yml'), '#'),
  ],
  [
    'setfile-damaged',
    'a kept set file with other bytes',
    () => writeFile(fileAt('store/sets/tour.yml'), 'TOUR'),
  ],
  [
    'snapshot-differs',
    'a snapshot that was not folded from this log',
    async () => {
      const record = await scratch.world.log.at(20);
      if (!record) throw new Error('the log has no event 20');
      await scratch.world.snapshots.keep(new Shadow(new Map(), 20), { record, generation: 1 });
    },
  ],
];

describe('around the log', () => {
  test.each(AROUND_THE_LOG)('%s: %s, and nothing else', async (code, _, damage) => {
    await scratch.load(scratch.messages);
    await damage();
    expect(await found()).toEqual([expect.objectContaining({ code })]);
  });
});

test('every fault code that damage to a log can cause is tested here', () => {
  const planted = [...DAMAGE_TO_LOG, ...AROUND_THE_LOG].map(([code]) => code);
  const known = new Set(Object.keys(REMEDIES));
  // Codes about heads in mails and about archives have their own tests.
  for (const code of ['head-unknown', 'archive-damaged']) known.delete(code);
  expect(new Set([...planted, 'sequence-gap'])).toEqual(known);
  expect(known.size).toBeGreaterThan(20);
});

test('repair rebuilds projections and manifests, and leaves the log as it is', async () => {
  await scratch.load(scratch.messages);
  const { world, history } = scratch;
  await change<SetSummary>(summaryKey(), (summary) => ({ ...summary, costUsd: '0.00' }));
  await world.log.sets.delete(setKey(history.guide.id));
  await writeFile(fileAt('out/tour/manifest.json'), '{}');
  const [before, head] = [await world.verify(), await world.log.head()];
  expect(before.faults).toBe(3);
  const outputAt = () => world.output;
  const mended = await repair(before.findings, { log: world.log, snapshots: world.snapshots, outputAt });
  expect(mended).toEqual({ projections: true, contradicted: false, manifests: 1, snapshots: 0 });
  expect((await world.verify()).findings).toEqual([]);
  expect(await world.log.head()).toBe(head);
});

test('where no manifests are written, none counts as missing', async () => {
  await scratch.load(scratch.messages);
  await rm(fileAt('out/tour/manifest.json'));
  const { findings, manifests } = await scratch.world.verify({ manifests: false });
  expect({ findings, manifests }).toEqual({ findings: [], manifests: 0 });
});

test('repair rebuilds a missing table of items', async () => {
  await scratch.load(scratch.messages);
  const { world } = scratch;
  await rm(fileAt('out/tour/manifest.csv'));
  const { findings } = await world.verify();
  await repair(findings, { log: world.log, outputAt: () => world.output });
  expect((await world.verify()).findings).toEqual([]);
});

test('a head does not vouch for records whose bytes were moved between subject and event', async () => {
  const { world, history, messages } = scratch;
  const { id } = history.tour;
  const place = messages.findIndex(({ subject }) => subject.startsWith(`setlist.events.${id}.outcome.`));
  const { subject, event } = messages[place] as Message;
  const text = JSON.stringify(event);
  await scratch.load(messages);
  const head = (await world.log.sets.get<SetSummary>(summaryKey()))?.value.chain.head ?? '';
  expect(await placeOfHead(world.log, id, head)).toBeDefined();
  const second = text.indexOf('{', 1);
  const moved = [
    { subject: subject.slice(0, -2), event: Buffer.from(`${subject.slice(-2)}${text}`) },
    { subject: `${subject}${text.slice(0, second)}`, event: Buffer.from(text.slice(second)) },
  ];
  for (const record of moved) {
    await scratch.load(messages.with(place, record));
    expect((await world.log.at(place + 1))?.subject).toBe(record.subject);
    expect(await placeOfHead(world.log, id, head)).toBeUndefined();
  }
});

test('a look at the past keeps snapshots that verify agrees with', async () => {
  await scratch.load(scratch.messages);
  await allSetsAsOf(scratch.world.log, { seq: 30 }, scratch.world.snapshots, { every: 10 });
  expect(await scratch.world.snapshots.seqs(1)).toEqual([10, 20, 30]);
  expect(await found()).toEqual([]);
});
