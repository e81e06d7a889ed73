/** The manifest attached to a mail, made from a real log. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BrokerUnavailable, type Recorded } from '@setlist/eventlog';
import { manifestInLog, putManifest } from '@setlist/sets';
import { folderObjectStore } from '@setlist/storage';
import { eventsOf, type SmtpServer, startSmtp } from '@setlist/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createManifests } from '../src/manifests.ts';
import { type Harness, startHarness } from './harness.ts';

const logger = { warn: vi.fn() };
let stack: AsyncDisposableStack;
let world: Harness;
let smtp: SmtpServer;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  smtp = stack.use(await startSmtp());
  world = stack.use(await startHarness());
});
afterEach(() => stack.disposeAsync());

const set = eventsOf();
/** One of two items failed; then it was retried. */
const FIRST_ROUND = [
  set.accepted(),
  set.requested(0),
  set.requested(1),
  set.completed(0),
  set.failed(1),
  set.setCompleted(1),
];
const SECOND_ROUND = [
  set.retried(2, 1),
  set.requested(1, 2),
  set.completed(1, 'paid', 2),
  set.setCompleted(2),
];

const notifier = (more: Record<string, string> = {}) =>
  world.notifier({ SMTP_URL: smtp.url, MAIL_TO: 'jane@example.com', ...more });

/** The manifest.csv that the tracker writes for the completion that is the log's end. */
async function csvNow(): Promise<string> {
  const manifest = await manifestInLog(world.log, set.id, { upToSeq: await world.log.head() });
  if (manifest === undefined) throw new Error('the set has not ended');
  await putManifest(folderObjectStore(world.folder), manifest);
  return readFile(join(world.folder, manifest.header.prefix, 'manifest.csv'), 'utf8');
}

test('each completion’s mail has the manifest of its own round, byte for byte, however late it is sent', async () => {
  await world.log.appendAll(FIRST_ROUND);
  const first = await csvNow();
  await world.log.appendAll(SECOND_ROUND);
  const second = await csvNow();
  expect(first).not.toBe(second);
  notifier();
  const mails = await smtp.waitFor(2);
  const attached = mails.map(({ messageId, attachments }) => [
    messageId,
    attachments.map(({ filename, contentType, content }) => [filename, contentType, content.toString()]),
  ]);
  const expected = (round: number, csv: string) => [
    `<${set.id}.completed.${round}@setlist>`,
    [['manifest.csv', 'text/csv', csv]],
  ];
  expect(attached.sort()).toEqual([expected(1, first), expected(2, second)]);
});

test.each([
  { than: 'as large as', less: 0, attachments: 1 },
  { than: 'larger than', less: 1, attachments: 0 },
])('a manifest $than MANIFEST_MAX_BYTES: $attachments attached', async ({ less, attachments }) => {
  await world.log.appendAll(FIRST_ROUND);
  notifier({ MANIFEST_MAX_BYTES: String(Buffer.byteLength(await csvNow()) - less) });
  const [mail] = await smtp.waitFor(1);
  expect(mail?.attachments).toHaveLength(attachments);
  expect(mail?.text).toContain('completed');
});

/** What is attached at the log's end, and how many records were read to find out. */
async function attachmentNow(largestBytes: number) {
  const seq = await world.log.head();
  const event = (await world.log.at(seq))?.event;
  if (event?.name !== 'SetCompleted') throw new Error('the set has not ended');
  const counts = { ...event.data.counts, total: ITEMS };
  let read = 0;
  async function* counted(records: AsyncIterable<Recorded>): AsyncGenerator<Recorded> {
    for await (const record of records) {
      read++;
      yield record;
    }
  }
  const log = {
    first: world.log.first,
    read: (...selection: Parameters<typeof world.log.read>) => counted(world.log.read(...selection)),
  };
  const notice = { event: { ...event, setId: event.setId ?? '', data: { ...event.data, counts } }, seq };
  return { attachment: await createManifests({ log, logger }, largestBytes).attachmentFor(notice), read };
}

const ITEMS = 100;
const TEXT_BYTES = 1_000;

test('a set of too many items is not read, and one of too long texts only until they are too long', async () => {
  const long = eventsOf(undefined, ITEMS, undefined, 'x'.repeat(TEXT_BYTES));
  const indexes = Array.from({ length: ITEMS }, (_, index) => index);
  const items = indexes.flatMap((index) => [long.requested(index), long.completed(index)]);
  const events = [long.accepted(), ...items, long.setCompleted()];
  await world.log.appendAll(events);
  expect(await attachmentNow(50 * ITEMS)).toEqual({ attachment: undefined, read: 0 });
  const { attachment, read } = await attachmentNow(10 * TEXT_BYTES);
  expect(attachment).toBeUndefined();
  expect(read - events.length).toBe(10);
  expect(await attachmentNow(2 * ITEMS * TEXT_BYTES)).toMatchObject({ attachment: expect.anything() });
});

test('a completion that the log no longer holds has none', async () => {
  await world.log.appendAll(FIRST_ROUND);
  const seq = await world.log.head();
  const event = { ...set.setCompleted(1), setId: set.id };
  const other = { ...event, data: { ...event.data, chain: { events: 1, head: 'b'.repeat(64) } } };
  const manifests = createManifests({ log: world.log, logger }, 1_000_000);
  expect(await manifests.attachmentFor({ event, seq })).toBeDefined();
  expect(await manifests.attachmentFor({ event: other, seq })).toBeUndefined();
});

test('a mail that is tried again reads the log no second time, unless the broker was away', async () => {
  await world.log.appendAll(FIRST_ROUND);
  const notice = { event: { ...set.setCompleted(1), setId: set.id }, seq: await world.log.head() };
  const first = vi
    .fn(world.log.first)
    .mockRejectedValueOnce(new BrokerUnavailable('away', { cause: undefined }));
  const manifests = createManifests({ log: { first, read: world.log.read }, logger }, 1_000_000);
  await expect(manifests.attachmentFor(notice)).rejects.toThrow(BrokerUnavailable);
  const made = await manifests.attachmentFor(notice);
  expect(made).toBeDefined();
  expect(await manifests.attachmentFor(notice)).toBe(made);
  expect(first).toHaveBeenCalledTimes(2);
});

test('a completion whose manifest can’t be made is mailed without it', async () => {
  await world.log.appendAll(FIRST_ROUND);
  const notice = { event: { ...set.setCompleted(1), setId: set.id }, seq: await world.log.head() };
  const first = () => Promise.reject(new RangeError('item 1 has no reason'));
  const manifests = createManifests({ log: { first, read: world.log.read }, logger }, 1_000_000);
  expect(await manifests.attachmentFor(notice)).toBeUndefined();
  const said = expect.objectContaining({ event: 'manifest-not-made', cause: notice.event.id });
  expect(logger.warn).toHaveBeenCalledWith(said, expect.stringContaining('item 1 has no reason'));
});
