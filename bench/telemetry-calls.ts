/** The cost of an item's telemetry calls while all of it is off: too little to show in a run of the system. */
import { count, runStep, startStep } from '@setlist/runtime';

const ITEMS = 200_000;
const STEPS = [
  'claim sound',
  'wait for moment',
  'call provider',
  'store audio',
  'note payment',
  'deliver audio',
  'say outcome',
] as const;
const nothing = async (): Promise<void> => undefined;

/** CPU time per item, in µs, of the telemetry calls for a paid item, without the work in between. */
export async function offUsPerItem(): Promise<number> {
  await usOf(bareItem);
  await usOf(watchedItem);
  const bare = await usOf(bareItem);
  return (await usOf(watchedItem)) - bare;
}

async function usOf(item: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (let at = 0; at < ITEMS; at++) await item();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / ITEMS;
}

async function watchedItem(): Promise<void> {
  const at = { provider: 'local', lane: 'standard' };
  const item = startStep('settle item', {
    facts: { ...at, set: 'a', item: 1, attempt: 1, messageId: 'a/items/1' },
  });
  item.within('wait for admission').end();
  count('admitted', 1, at);
  for (const step of STEPS) await item.run(step, nothing);
  count('charactersPaid', 20, at);
  count('items', 1, { ...at, outcome: 'paid' });
  item.end();
  for (const event of ['ItemRequested', 'ItemCompleted'])
    await runStep('fold event', { facts: { event } }, nothing);
}

/** The same awaits, with nothing else in them. */
async function bareItem(): Promise<void> {
  for (let step = 0; step < STEPS.length + 2; step++) await nothing();
}
