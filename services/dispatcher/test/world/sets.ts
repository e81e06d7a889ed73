/** Requests sets as ingest would, without a set file. */
import { pathToFileURL } from 'node:url';
import {
  type EventData,
  newEvent,
  runId,
  type SetlistEvent,
  type Sound,
  soundHash,
  subjects,
} from '@setlist/contracts';
import { countCharacters, type Engine, FORMATS, operationFor } from '@setlist/polly';
import { acceptedData, soundOf } from '@setlist/testkit';
import type { Rig } from './rig.ts';

export const sound = (text: string, changes: Partial<Sound> = {}): Sound =>
  soundOf({ engine: 'standard', language: 'en-US', sampleRate: 22_050, text, ...changes });

let runs = 0;

/** Accepts a set and requests its items, as ingest would. @returns the set's id */
export const ask = (
  rig: Rig,
  sounds: readonly Sound[],
  name = 'a-set',
  out = `${rig.folder}/out`,
): Promise<string> => askWith(rig, sounds, { name, out });

export interface Asked {
  readonly name: string;
  readonly out?: string;
  /** How many items to request at first; all unless given. */
  readonly asked?: number;
  readonly terms?: Partial<Pick<EventData<'SetAccepted'>, 'deadline' | 'paths' | 'fresh' | 'priority'>>;
}

/** The same with more options. */
export async function askWith(
  rig: Rig,
  sounds: readonly Sound[],
  { name, out = `${rig.folder}/out`, terms = {}, asked }: Asked,
): Promise<string> {
  const run = runId(new Date(), Buffer.from([++runs >> 8, runs, 3, 4, 5, 6]));
  const setId = `${name}-${run}`;
  const context = { source: 'ingest', now: new Date(), setId } as const;
  const requests = sounds.map((entry, index) => request(entry, index, name));
  const lanes = [...new Set(sounds.map((entry) => entry.engine))].map((lane) => laneOf(lane, requests));
  const data = acceptedData({
    run,
    set: { name, location: out, notify: [] },
    prefix: name,
    output: out.startsWith('s3://') ? out : pathToFileURL(out).href,
    provider: sounds[0]?.provider ?? 'local',
    itemCount: sounds.length,
    lanes,
    ...terms,
  });
  await rig.log.append(newEvent('SetAccepted', data, context), { lastSeq: 0 });
  await askOn(rig, setId, requests.slice(0, asked));
  return setId;
}

/** Requests items of an accepted set. */
export async function askOn(
  rig: Rig,
  setId: string,
  requests: readonly EventData<'ItemRequested'>[],
): Promise<void> {
  const context = { source: 'ingest', now: new Date(), setId } as const;
  await rig.log.appendAll(requests.map((data) => newEvent('ItemRequested', data, context) as SetlistEvent));
}

/** Appends the next event of a set's life, as the tracker would. */
export async function say<
  N extends 'SetPaused' | 'SetResumed' | 'SetCancelled' | 'SetRetried' | 'SetCompleted',
>(rig: Rig, setId: string, name: N, more: object = {}): Promise<void> {
  const afterSeq = (await rig.log.last(subjects.state(setId)))?.seq ?? 0;
  const set = { name: 'a-set', location: '/out', notify: [] };
  const data = { set, who: 'a test', afterSeq, ...more } as EventData<N>;
  const event = newEvent(name, data, { source: 'tracker', now: new Date(), setId });
  await rig.log.append(event as SetlistEvent, { lastSeq: afterSeq });
}

/** The data of an item's first request. */
export function request(entry: Sound, index: number, prefix: string): EventData<'ItemRequested'> {
  const { billed, total } = countCharacters(entry.text, entry.textType);
  const operation = operationFor(billed, total);
  if (operation === 'too-long') throw new RangeError('a text that no operation takes');
  const file = `${prefix}/item-${String(index).padStart(6, '0')}.${FORMATS[entry.format].extension}`;
  return {
    index,
    attempt: 1,
    lane: entry.engine,
    file,
    hash: soundHash(entry),
    sound: entry,
    billedCharacters: billed,
    operation,
  };
}

const laneOf = (lane: Engine, requests: readonly EventData<'ItemRequested'>[]) => {
  const own = requests.filter((item) => item.lane === lane);
  return {
    lane,
    items: own.length,
    billedCharacters: own.reduce((sum, item) => sum + item.billedCharacters, 0),
  };
};

/** Sounds with different texts. */
export const phrases = (count: number, stem: string, changes: Partial<Sound> = {}): Sound[] =>
  Array.from({ length: count }, (_, index) => sound(`${stem}, number ${index + 1}.`, changes));
