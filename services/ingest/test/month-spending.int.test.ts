/** The month's spending, on a real log. */
import { MonthSpending, sumOf } from '@setlist/admission';
import { subjects } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { acceptance, cancel, POLLY, pay, place, say, tens } from './spending.ts';
import { setOf, withWorld } from './world.ts';

describe('the month’s spending', () => {
  it('follows the log without reading it again', () =>
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
      using spending = new MonthSpending(counting);
      expect((await spending.position()).spent).toEqual({});
      for (const phrase of ['one', 'two', 'three']) await pay(world, phrase, id);
      expect((await spending.position()).spent).toEqual({ neural: 30 });
      expect(followed).toBe(2);
    }));

  it('knows what was paid in an earlier month for a set that is retried', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest(POLLY);
      const id = await place(world, 'tour', tens('tour', ['one', 'two', 'three']));
      await acceptance(world, id);
      for (const phrase of ['one', 'two']) await pay(world, phrase, id);
      await cancel(world, id);
      const now = (): number => world.log.clock.now() + 32 * 86_400_000;
      const nextMonth = { ...world.log, clock: { ...world.log.clock, now } };
      using spending = new MonthSpending(nextMonth);
      expect((await spending.position()).open.size).toBe(0);

      await say(world, id, 'SetRetried', { round: 2, items: 1 });
      const asked = await Promise.all([spending.position(), spending.position()]);
      for (const { spent, open } of asked) {
        expect(spent).toEqual({});
        expect(open.get(id)).toEqual({ neural: 10 });
      }
    }));

  it('counts payments and the end of a set that come while it reads', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest(POLLY);
      const id = await place(world, 'tour', tens('tour', ['one', 'two']));
      await acceptance(world, id);
      await pay(world, 'one', id);
      const firstPayment = Promise.withResolvers<void>();
      const seen = { untilPayment: false, end: false };
      const slow = {
        ...world.log,
        lastAtLeader: async (subject: string) => {
          const last = await world.log.lastAtLeader(subject);
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
      using spending = new MonthSpending(slow);
      const asked = spending.position();
      await eventually(() => seen.untilPayment);
      await pay(world, 'two', id);
      await cancel(world, id);
      await eventually(() => seen.end);
      firstPayment.resolve();
      const { spent, open } = await asked;
      expect(sumOf(spent, ...open.values())).toEqual({ neural: 20 });
    }));

  it('leaves no reader behind when the log fails', () =>
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
        lastAtLeader: async (subject: string) => {
          if (isAway) throw new Error('the log is away');
          return world.log.lastAtLeader(subject);
        },
      };
      using spending = new MonthSpending(failing);
      await spending.position();
      isAway = true;
      await expect(spending.position()).rejects.toThrow('the log is away');
      await eventually(() => following === 0);
      isAway = false;
      await spending.position();
      expect(following).toBe(2);
    }));
});
