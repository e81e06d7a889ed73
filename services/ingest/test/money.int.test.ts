/** What a run asks for beside its file, and what may be spent: on a real broker, by real payments in its log. */
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MonthLedger, placeClaimed, type RunOptions, sumOf } from '@setlist/admission';
import {
  AUDIO_PREFIX,
  type EventData,
  type EventOf,
  newEvent,
  runId,
  type SetlistEvent,
  setId,
  soundHash,
  subjects,
} from '@setlist/contracts';
import { folderObjectStore } from '@setlist/storage';
import { eventually } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { setOf, startWorld, type World, withWorld } from './world.ts';

/** 1 USD for a character, so that amounts are easy to follow. */
const POLLY = { PROVIDER: 'polly', PRICES: 'neural=1000000' };

/** Phrases of ten characters each. */
const tens = (name: string, phrases: readonly string[], header = ''): string =>
  [
    'set:',
    `  name: ${name}`,
    header,
    'items:',
    ...phrases.map((phrase) => `  - text: ${phrase.padEnd(10, '.')}`),
    '',
  ]
    .filter((line) => line !== '')
    .join('\n');

async function place(world: World, name: string, text: string, options: RunOptions = {}): Promise<string> {
  const run = runId(new Date(), randomBytes(6));
  await placeClaimed(world.inbox, { run, fileName: `${name}.yml`, options }, Buffer.from(text));
  return setId(name, run);
}

/** How a set's life began. */
async function beginning(world: World, id: string): Promise<SetlistEvent> {
  let event: SetlistEvent | undefined;
  await eventually(async () => {
    event = (await world.log.first(subjects.state(id)))?.event;
    return event !== undefined;
  });
  if (event === undefined) throw new Error('nothing was said');
  return event;
}

async function problemOf(world: World, id: string) {
  const event = await beginning(world, id);
  if (event.name !== 'SetRejected') throw new Error(`${id} was not refused: ${event.name}`);
  return event.data.problems[0];
}

async function acceptance(world: World, id: string): Promise<EventOf<'SetAccepted'>['data']> {
  const event = await beginning(world, id);
  if (event.name !== 'SetAccepted') throw new Error(`${id} was not accepted: ${JSON.stringify(event.data)}`);
  return event.data;
}

/** Keeps a phrase's audio and says that it was paid for, for a set, as a dispatcher does. */
async function pay(world: World, phrase: string, forSet: string): Promise<void> {
  const hash = soundHash({
    provider: 'polly',
    engine: 'neural',
    voice: 'Matthew',
    language: 'en-US',
    format: 'mp3',
    sampleRate: 24_000,
    textType: 'text',
    text: phrase.padEnd(10, '.'),
    lexicons: [],
    speechMarks: [],
  });
  const object = `${AUDIO_PREFIX}${hash}.mp3`;
  await folderObjectStore(world.storeFolder).put(object, Buffer.from('.'), { contentType: 'audio/mpeg' });
  const paid = newEvent(
    'SoundPaid',
    {
      hash,
      claim: 1,
      by: 'test',
      for: { set: forSet, index: 0, attempt: 1 },
      how: 'synthesized',
      lane: 'neural',
      billedCharacters: 10,
      object,
      contentType: 'audio/mpeg',
      bytes: 1,
      sha256: hash,
      durationMs: 1,
    },
    { source: 'dispatcher', now: new Date() },
  );
  await world.log.append(paid, { lastSeq: 0 });
}

/** Says of a set's life what a tracker says. */
async function say<N extends 'SetCancelled' | 'SetRetried'>(
  { log }: World,
  id: string,
  name: N,
  more: Partial<EventData<N>>,
): Promise<void> {
  const lastSeq = (await log.last(subjects.state(id)))?.seq ?? 0;
  const set = { name: id, location: '/out', notify: [] };
  const data = { set, who: 'test', afterSeq: lastSeq, ...more } as EventData<N>;
  const event = newEvent(name, data, { source: 'tracker', now: new Date(), setId: id });
  await log.append(event as SetlistEvent, { lastSeq });
}

const cancel = (world: World, id: string): Promise<void> =>
  say(world, id, 'SetCancelled', {
    counts: { total: 1, completed: 0, failed: 0, paid: 0, reused: 0, recovered: 0 },
  });

describe('a run', () => {
  it('is accepted with its own options, which come before those of its file', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest({ TASK_BUCKET: 'tasks' });
      const header = '  priority: low\n  budget: 5\n  deadline: 1d\n  paths: both';
      const text = tens('tour', ['one'], header);
      const plain = await acceptance(world, await place(world, 'tour', text));
      expect(plain).toMatchObject({ priority: 'low', budgetUsd: '5', paths: 'both' });
      expect(plain).not.toHaveProperty('fresh');
      expect(Date.parse(plain.deadline ?? '') - Date.now()).toBeGreaterThan(86_000_000);

      const options = { fresh: true, maxUsd: '2.50', deadline: '2h', priority: 'high' } as const;
      const asked = await acceptance(world, await place(world, 'tour', text, options));
      expect(asked).toMatchObject({ priority: 'high', budgetUsd: '2.50', fresh: true });
      expect(Date.parse(asked.deadline ?? '') - Date.now()).toBeLessThan(7_200_001);
    }));

  it('keeps its options over a crash, since they are in the name of what is claimed', () =>
    withWorld(async (world) => {
      const run = runId(new Date(), randomBytes(6));
      await mkdir(join(world.inbox, '.claimed'), { recursive: true });
      const entry = `${run}+fresh+max-usd=2.50+deadline=2030-01-01T00%3A00Z~left.yml`;
      await writeFile(join(world.inbox, '.claimed', entry), tens('left', ['one']));
      await using _ingest = await world.ingest();
      expect(await acceptance(world, setId('left', run))).toMatchObject({
        run,
        fresh: true,
        budgetUsd: '2.50',
        deadline: '2030-01-01T00:00:00.000Z',
      });
      await eventually(async () => (await world.files('done')).includes('left.yml'));
    }));

  it('is refused where both paths are asked for and there is no bucket, at the place', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest();
      const id = await place(world, 'both', tens('both', ['one'], '  paths: both'));
      expect(await problemOf(world, id)).toMatchObject({ line: 3, column: 10, code: 'paths-need-bucket' });
    }));

  it('may cost what its budget or --max-usd allows, whichever is smaller; anew, all of it', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest(POLLY);
      await pay(world, 'one', 'earlier-20261122t205012-k3f9q2');
      const text = tens('tour', ['one', 'two', 'two'], '  budget: 15');
      expect(await acceptance(world, await place(world, 'tour', text, { maxUsd: '10' }))).toMatchObject({
        budgetUsd: '10',
        unpaid: [{ lane: 'neural', billedCharacters: 10 }],
        estimatedUsd: '30.00',
      });
      expect(await problemOf(world, await place(world, 'tour', text, { maxUsd: '9.99' }))).toMatchObject({
        code: 'budget',
        message: 'what is not paid for yet costs 10.00 USD, more than the --max-usd of 9.99 USD',
      });
      expect(await problemOf(world, await place(world, 'tour', text, { fresh: true }))).toMatchObject({
        code: 'budget',
        line: 3,
        message: 'what is not paid for yet costs 20.00 USD, more than the budget of 15 USD',
      });
    }));
});

describe('audio that is gone from the store, or not whole there,', () => {
  const audio = (world: World) => join(world.storeFolder, AUDIO_PREFIX);

  it('counts as to be paid, under a budget and under the cap', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest({ ...POLLY, MONTHLY_USD: '25' });
      for (const phrase of ['one', 'two']) await pay(world, phrase, 'earlier-20261122t205012-k3f9q2');
      const budgeted = tens('tour', ['one', 'two'], '  budget: 5');
      const first = await place(world, 'tour', budgeted);
      expect(await acceptance(world, first)).toMatchObject({ unpaid: [] });
      await cancel(world, first);

      await rm(audio(world), { recursive: true });
      const gone = 'what is not paid for yet, or paid for and gone from the store, costs 20.00 USD';
      expect(await problemOf(world, await place(world, 'tour', budgeted))).toMatchObject({
        code: 'budget',
        message: `${gone}, more than the budget of 5 USD`,
      });
      const more = tens('more', ['one', 'two', 'three']);
      expect(await problemOf(world, await place(world, 'more', more))).toMatchObject({ code: 'monthly-cap' });
      const again = await acceptance(world, await place(world, 'again', tens('again', ['one', 'two'])));
      expect(again.unpaid).toEqual([{ lane: 'neural', billedCharacters: 20 }]);
    }));

  it('can’t be told from what is there while the store can’t be looked into: the set waits', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest({ ...POLLY, MONTHLY_USD: '25' });
      await pay(world, 'one', 'earlier-20261122t205012-k3f9q2');
      await rename(audio(world), join(world.storeFolder, 'aside'));
      await symlink(join(world.inbox, '..'), join(world.storeFolder, 'audio'));
      const id = await place(world, 'tour', tens('tour', ['one']));
      await eventually(() => world.logged.some(({ event }) => event === 'set-file-waits'));
      expect(await world.log.first(subjects.state(id))).toBeUndefined();
      await rm(join(world.storeFolder, 'audio'));
      await rename(join(world.storeFolder, 'aside'), audio(world));
      expect(await acceptance(world, id)).toMatchObject({ unpaid: [] });
    }));
});

describe('a monthly cap', () => {
  it('counts what is paid this month and what open sets may still pay', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest({ ...POLLY, MONTHLY_USD: '30' });
      const first = await place(world, 'first', tens('first', ['one', 'two']));
      await acceptance(world, first);
      const next = tens('next', ['three', 'four']);
      expect(await problemOf(world, await place(world, 'next', next))).toMatchObject({
        code: 'monthly-cap',
        message: expect.stringContaining('with 0.00 USD paid this month and up to 20.00 USD that open sets'),
      });
      await pay(world, 'one', first);
      expect((await problemOf(world, await place(world, 'next', next)))?.message).toContain(
        'with 10.00 USD paid this month and up to 10.00 USD that open sets',
      );
      await cancel(world, first);
      const id = await place(world, 'next', next);
      expect(await acceptance(world, id)).toMatchObject({
        unpaid: [{ lane: 'neural', billedCharacters: 20 }],
      });
      await acceptance(world, await place(world, 'again', tens('again', ['one'])));
    }));

  it('takes off what the month has free of charge', () =>
    withWorld(async (world) => {
      const env = { ...POLLY, MONTHLY_USD: '5', FREE_CHARACTERS: 'neural=20' };
      await using _ingest = await world.ingest(env);
      const first = await place(world, 'first', tens('first', ['one', 'two']));
      await acceptance(world, first);
      expect(await problemOf(world, await place(world, 'next', tens('next', ['three'])))).toMatchObject({
        code: 'monthly-cap',
        message: expect.stringContaining('costs 10.00 USD; with 0.00 USD paid'),
      });
    }));

  it('is not exceeded by sets that several replicas let in at the same moment', () =>
    withWorld(async (world) => {
      const env = { ...POLLY, MONTHLY_USD: '30', POLL_EVERY: '20ms' };
      await using _one = await world.ingest(env);
      await using _two = await world.ingest(env);
      const names = Array.from({ length: 12 }, (_, index) => `set-${index}`);
      const ids = await Promise.all(names.map((name) => place(world, name, tens(name, [name]))));
      const begun = await Promise.all(ids.map((id) => beginning(world, id)));
      expect(begun.filter(({ name }) => name === 'SetAccepted')).toHaveLength(3);
      expect(begun.filter(({ name }) => name === 'SetRejected')).toHaveLength(9);
    }));

  it('is counted anew after a restart, from the log alone', async () => {
    await using world = await startWorld();
    {
      await using _ingest = await world.ingest({ ...POLLY, MONTHLY_USD: '30' });
      const first = await place(world, 'first', tens('first', ['one', 'two']));
      await acceptance(world, first);
      await pay(world, 'one', first);
      await cancel(world, first);
    }
    await using _ingest = await world.ingest({ ...POLLY, MONTHLY_USD: '19.99' });
    expect((await problemOf(world, await place(world, 'next', tens('next', ['three']))))?.message).toContain(
      'with 10.00 USD paid this month and up to 0.00 USD',
    );
  });
});

it('the month’s ledger keeps up with the log without reading it again', () =>
  withWorld(async (world) => {
    let followed = 0;
    const counting = {
      ...world.log,
      follow: (...[selection, signal]: Parameters<typeof world.log.follow>) => {
        followed++;
        return world.log.follow(selection, signal);
      },
    };
    await using _ingest = await world.ingest(POLLY);
    const id = await place(world, 'tour', setOf('tour', 3));
    await acceptance(world, id);
    using ledger = new MonthLedger(counting);
    expect((await ledger.position()).spent).toEqual({});
    for (const phrase of ['one', 'two', 'three']) await pay(world, phrase, id);
    expect((await ledger.position()).spent).toEqual({ neural: 30 });
    expect(followed).toBe(2);
  }));

it('the month’s ledger knows what was paid for a set of an earlier month that is retried', () =>
  withWorld(async (world) => {
    await using _ingest = await world.ingest(POLLY);
    const id = await place(world, 'tour', tens('tour', ['one', 'two', 'three']));
    await acceptance(world, id);
    for (const phrase of ['one', 'two']) await pay(world, phrase, id);
    await cancel(world, id);
    const nextMonth = { ...world.log, clock: { now: () => world.log.clock.now() + 32 * 86_400_000 } };
    using ledger = new MonthLedger(nextMonth);
    expect((await ledger.position()).open.size).toBe(0);

    await say(world, id, 'SetRetried', { round: 2, items: 1 });
    const asked = await Promise.all([ledger.position(), ledger.position()]);
    for (const { spent, open } of asked) {
      expect(spent).toEqual({});
      expect(open.get(id)).toEqual({ neural: 10 });
    }
  }));

it('the month’s ledger counts what a set pays, and its end, that come while it reads', () =>
  withWorld(async (world) => {
    await using _ingest = await world.ingest(POLLY);
    const id = await place(world, 'tour', tens('tour', ['one', 'two']));
    await acceptance(world, id);
    await pay(world, 'one', id);
    const firstPayment = Promise.withResolvers<void>();
    const seen = { untilPayment: false, end: false };
    const slow = {
      ...world.log,
      last: async (subject: string) => {
        const last = await world.log.last(subject);
        if (subject === subjects.sound('*')) seen.untilPayment = true;
        return last;
      },
      async *follow(...[selection, signal]: Parameters<typeof world.log.follow>) {
        const isOfSounds = selection.subjects?.includes(subjects.sound('*'));
        for await (const record of world.log.follow(selection, signal)) {
          if (isOfSounds) await firstPayment.promise;
          yield record;
          if (record.event?.name === 'SetCancelled') seen.end = true;
          if (isOfSounds) await new Promise((resolve) => signal?.addEventListener('abort', resolve));
        }
      },
    };
    using ledger = new MonthLedger(slow);
    const asked = ledger.position();
    await eventually(() => seen.untilPayment);
    await pay(world, 'two', id);
    await cancel(world, id);
    await eventually(() => seen.end);
    firstPayment.resolve();
    const { spent, open } = await asked;
    expect(sumOf(spent, ...open.values())).toEqual({ neural: 20 });
  }));

it('the month’s ledger leaves no reader behind when the log fails it', () =>
  withWorld(async (world) => {
    let following = 0;
    let isAway = false;
    const failing = {
      ...world.log,
      async *follow(...[selection, signal]: Parameters<typeof world.log.follow>) {
        following++;
        yield* world.log.follow(selection, signal);
        following--;
      },
      last: async (subject: string) => {
        if (isAway) throw new Error('the log is away');
        return world.log.last(subject);
      },
    };
    using ledger = new MonthLedger(failing);
    await ledger.position();
    isAway = true;
    await expect(ledger.position()).rejects.toThrow('the log is away');
    await eventually(() => following === 0);
    isAway = false;
    await ledger.position();
    expect(following).toBe(2);
  }));
