/** Polling ends once its condition holds, and fails with the reason if it never does. */
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';

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
      { deadlineMs: 30, everyMs: 1 },
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
