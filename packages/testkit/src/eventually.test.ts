/** Polling ends once its condition holds, and fails with the reason if it never does. */
import { describe, expect, it } from 'vitest';
import { eventually, onceStill } from './eventually.ts';

describe('eventually', () => {
  it('returns the first truthy value', async () => {
    const values = [null, 0, '', false as const, 'here', 'too late'];
    expect(await eventually(() => values.shift() ?? null, { everyMs: 1 })).toBe('here');
    expect(values).toEqual(['too late']);
  });

  it('passes when assertions stop failing', async () => {
    let tries = 0;
    await eventually(
      async () => {
        tries += 1;
        expect(tries).toBeGreaterThan(2);
      },
      { everyMs: 1 },
    );
    expect(tries).toBe(3);
  });

  it('throws what the last try threw when the deadline passes', async () => {
    let tries = 0;
    const never = eventually(
      () => {
        tries += 1;
        throw new Error(`try ${tries}`);
      },
      { deadlineMs: 500, everyMs: 1 },
    );
    await expect(never).rejects.toThrow(/^try \d+$/);
    await expect(never).rejects.toThrow(`try ${tries}`);
    expect(tries).toBeGreaterThan(1);
  });

  it('names the last falsy value', async () => {
    await expect(eventually(() => false, { deadlineMs: 5, everyMs: 1 })).rejects.toThrow('returned false');
  });

  it('does not wait for a try that hangs, and keeps the reason of the previous one', async () => {
    let tries = 0;
    const probe = async (): Promise<boolean> => {
      tries += 1;
      if (tries === 1) throw new Error('the reason');
      return await new Promise<boolean>(() => undefined);
    };
    await expect(eventually(probe, { deadlineMs: 20, everyMs: 1 })).rejects.toThrow('the reason');
    await expect(eventually(() => new Promise<boolean>(() => undefined), { deadlineMs: 5 })).rejects.toThrow(
      'the first try did not end within 5 ms',
    );
  });

  it('does not compile with a probe whose undefined would count as success', async () => {
    const found = new Map([['key', 'value']]);
    // @ts-expect-error an absent key would end the wait at once
    expect(await eventually(() => found.get('key'))).toBe('value');
  });
});

describe('onceStill', () => {
  it('returns the number that has stayed the same for long enough, but never 0', async () => {
    let polls = 0;
    const count = async (): Promise<number> => {
      polls += 1;
      return Math.max(0, Math.min(polls, 60) - 40);
    };
    expect(await onceStill(count, { stillMs: 20, everyMs: 1 })).toBe(20);
  });

  it('fails when the deadline passes first', async () => {
    let count = 0;
    const growing = onceStill(async () => ++count, { stillMs: 20, everyMs: 1, deadlineMs: 60 });
    await expect(growing).rejects.toThrow('returned false');
  });
});
