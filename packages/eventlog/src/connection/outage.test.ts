/** When an outage is said, and when it is over. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BrokerUnavailable } from './broker-unavailable.ts';
import { Outage } from './outage.ts';

const FULL = new BrokerUnavailable('the broker takes no writes: no space left', { cause: undefined });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An outage that has been said, of writes to two subjects. */
function said() {
  const lines: string[] = [];
  const note = (entry: object): void => void lines.push((entry as { event: string }).event);
  const outage = new Outage({ info: note, warn: note });
  for (let failed = 0; failed < 3; failed++) {
    outage.failed('one', FULL);
    outage.failed('other', FULL);
    vi.advanceTimersByTime(5_000);
  }
  expect(lines).toEqual(['broker-trouble']);
  return { outage, lines };
}

test('goes on while any write fails', () => {
  const { outage, lines } = said();
  outage.answered('one');
  expect(outage.reason).toBe(FULL);
  outage.answered('other');
  expect(outage.reason).toBeUndefined();
  expect(lines).toEqual(['broker-trouble', 'broker-back']);
});

test('does not go on for a write that was given up, and the next one is said', () => {
  const { outage, lines } = said();
  outage.answered('one');
  vi.advanceTimersByTime(60_000);
  outage.answered('another');
  expect(lines).toEqual(['broker-trouble', 'broker-back']);
  for (let failed = 0; failed < 3; failed++) {
    outage.failed('one', FULL);
    vi.advanceTimersByTime(5_000);
  }
  expect(lines.at(-1)).toBe('broker-trouble');
});
