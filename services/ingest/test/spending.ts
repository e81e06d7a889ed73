/** Sets that cost money, and the events that a dispatcher and a tracker write about them. */
import { randomBytes } from 'node:crypto';
import { placeSetFile, type RunOptions } from '@setlist/admission';
import {
  type EventData,
  type EventOf,
  newEvent,
  runId,
  type SetlistEvent,
  setId,
  subjects,
} from '@setlist/contracts';
import { folderObjectStore } from '@setlist/storage';
import { eventually, paidFor } from '@setlist/testkit';
import type { World } from './world.ts';

/** 1 USD for a character, so that amounts are easy to follow. */
export const POLLY = { PROVIDER: 'polly', PRICES: 'neural=1000000' };

/** Phrases of ten characters each. */
export const tens = (name: string, phrases: readonly string[], header = ''): string =>
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

export async function place(
  world: World,
  name: string,
  text: string,
  options: RunOptions = {},
): Promise<string> {
  const run = runId(new Date(), randomBytes(6));
  await placeSetFile(world.inbox, { run, fileName: `${name}.yml`, options }, Buffer.from(text));
  return setId(name, run);
}

/** The first event of a set's life, once there is one. */
export async function beginning(world: World, id: string): Promise<SetlistEvent> {
  let event: SetlistEvent | undefined;
  await eventually(async () => {
    event = (await world.log.first(subjects.state(id)))?.event;
    return event !== undefined;
  });
  if (event === undefined) throw new Error('nothing was said');
  return event;
}

export async function problemOf(world: World, id: string) {
  const event = await beginning(world, id);
  if (event.name !== 'SetRejected') throw new Error(`${id} was not refused: ${event.name}`);
  return event.data.problems[0];
}

export async function acceptance(world: World, id: string): Promise<EventOf<'SetAccepted'>['data']> {
  const event = await beginning(world, id);
  if (event.name !== 'SetAccepted') throw new Error(`${id} was not accepted: ${JSON.stringify(event.data)}`);
  return event.data;
}

/** Stores a phrase's audio and records its payment for a set, as a dispatcher does. */
export async function pay(world: World, phrase: string, forSet: string): Promise<void> {
  const paid = paidFor(phrase.padEnd(10, '.'), { for: { set: forSet, index: 0, attempt: 1 }, bytes: 1 });
  const store = folderObjectStore(world.storeFolder);
  await store.put(paid.data.object, Buffer.from('.'), { contentType: 'audio/mpeg' });
  await world.log.append(paid, { lastSeq: 0 });
}

/** Appends an event to a set's life, as a tracker does. */
export async function say<N extends 'SetCancelled' | 'SetRetried'>(
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

export const cancel = (world: World, id: string): Promise<void> =>
  say(world, id, 'SetCancelled', {
    counts: { total: 1, completed: 0, failed: 0, paid: 0, reused: 0, recovered: 0 },
  });
