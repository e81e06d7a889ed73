/** Handlers can't be kept waiting by a broker that is away; the test stands in for a log that doesn't answer. */
import { BrokerUnavailable, type EventLog } from '@setlist/eventlog';
import { expect, it } from 'vitest';
import { answeredLog } from './answered-log.ts';

const never = (): Promise<never> => new Promise(() => undefined);
const SELECTION = { subjects: ['setlist.sounds.*'] };

/** Every call waits without limit, and every reading for its first record. */
function unanswering(): EventLog {
  async function* records() {
    yield await never();
  }
  const calls = new Proxy({}, { get: () => never });
  const parts: Record<string, unknown> = { sets: calls, requests: calls, read: records, follow: records };
  return new Proxy({}, { get: (_, name) => parts[String(name)] ?? never }) as EventLog;
}

type Call = (given: unknown) => unknown;

const isIterable = (answer: unknown): answer is AsyncGenerator =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;

it('every call that it offers fails in time while the broker is away', async () => {
  const { clock: _, sets, requests, ...calls } = answeredLog(unanswering(), 20);
  const offered = [calls, sets, requests].flatMap((part) => Object.entries(part) as [string, Call][]);
  const failures = await Promise.all(
    offered.map(async ([name, call]) => {
      const answer: unknown = call(SELECTION);
      const failure = await (isIterable(answer) ? answer.next() : Promise.resolve(answer)).catch(
        (error: unknown) => error,
      );
      return [name, failure instanceof BrokerUnavailable];
    }),
  );
  expect(failures).toEqual(offered.map(([name]) => [name, true]));
  expect(offered.map(([name]) => name)).toContain('lastAtLeader');
});

it('following goes on while the broker answers, however long nothing is new', async () => {
  let checks = 0;
  async function* records() {
    while (checks < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    yield 'a record';
  }
  const check = async () => void checks++;
  const log = answeredLog({ follow: records, check } as unknown as EventLog, 20);
  const { value } = await log.follow({}).next();
  expect(value).toBe('a record');
});
