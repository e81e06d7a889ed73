/** The options of a run, and what may be spent: on a real broker, with real payments in its log. */
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AUDIO_PREFIX, RESERVATIONS_KEY, runId, setId, subjects } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { acceptance, beginning, cancel, POLLY, pay, place, problemOf, tens } from './spending.ts';
import { startWorld, type World, withWorld } from './world.ts';

describe('a run', () => {
  it('is accepted with its own options, which override those of its file', () =>
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

  it('keeps its options after a crash, since they are in the name of the claimed file', () =>
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

  it('is refused, with the place in the file, if it wants both paths and there is no bucket', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest();
      const id = await place(world, 'both', tens('both', ['one'], '  paths: both'));
      expect(await problemOf(world, id)).toMatchObject({ line: 3, column: 10, code: 'paths-need-bucket' });
    }));

  it('may cost what its budget or --max-usd allows, whichever is smaller; a fresh one counts in full', () =>
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

describe('audio that is missing or incomplete in the store', () => {
  const audio = (world: World) => join(world.storeFolder, AUDIO_PREFIX);

  it('counts as not paid for, under a budget and under the cap', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest({ ...POLLY, MONTHLY_USD: '25' });
      for (const phrase of ['one', 'two']) await pay(world, phrase, 'earlier-20261122t205012-k3f9q2');
      const budgeted = tens('tour', ['one', 'two'], '  budget: 5');
      const first = await place(world, 'tour', budgeted);
      expect(await acceptance(world, first)).toMatchObject({ unpaid: [] });
      await cancel(world, first);

      await rm(join(world.storeFolder, AUDIO_PREFIX), { recursive: true });
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

  it('makes the set wait while the store can’t be read to find out', () =>
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

/** How many sets of two phrases are accepted if they come at the same moment to two replicas. */
async function acceptedAtOnce(world: World, count: number, env: Record<string, string>, header = '') {
  await using _one = await world.ingest({ ...POLLY, ...env, POLL_EVERY: '20ms' });
  await using _two = await world.ingest({ ...POLLY, ...env, POLL_EVERY: '20ms' });
  const names = Array.from({ length: count }, (_, index) => `set-${index}`);
  const text = (name: string): string => tens(name, [`${name} a`, `${name} b`], header);
  const ids = await Promise.all(names.map((name) => place(world, name, text(name))));
  const begun = await Promise.all(ids.map((id) => beginning(world, id)));
  return begun.filter(({ name }) => name === 'SetAccepted').length;
}

it('the month’s free characters serve one of the sets that are accepted at the same moment, not each', () =>
  withWorld(async (world) => {
    const env = { FREE_CHARACTERS: 'neural=20' };
    expect(await acceptedAtOnce(world, 6, env, '  budget: 0')).toBe(1);
  }));

it('a set that nothing can refuse notes what it will use of the free characters, without a look at the store', () =>
  withWorld(async (world) => {
    await using _ingest = await world.ingest({ ...POLLY, FREE_CHARACTERS: 'neural=20' });
    await pay(world, 'one', 'earlier-20261122t205012-k3f9q2');
    await rm(join(world.storeFolder, AUDIO_PREFIX), { recursive: true });
    const id = await place(world, 'plain', tens('plain', ['one', 'two']));
    const unpaid = [{ lane: 'neural', billedCharacters: 10 }];
    expect(await acceptance(world, id)).toMatchObject({ unpaid });
    const noted = await world.log.coordination.get(RESERVATIONS_KEY);
    expect(noted?.value).toMatchObject([{ setId: id, characters: { neural: 10 } }]);
  }));

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

  it('deducts the month’s free characters', () =>
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

  it('is not exceeded by sets that several replicas accept at the same moment', () =>
    withWorld(async (world) => {
      expect(await acceptedAtOnce(world, 12, { MONTHLY_USD: '60' })).toBe(3);
    }));

  it('is computed again after a restart, from the log alone', async () => {
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
