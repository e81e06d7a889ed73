/** Events as ingest, dispatchers and the notifier would write them, with the audio that belongs to them. */
import { createHash } from 'node:crypto';
import {
  EVENTS,
  type EventData,
  type EventName,
  type EventOf,
  newEvent,
  type SetlistEvent,
  setId,
  soundHash,
} from '@setlist/contracts';
import type { ObjectStore } from '@setlist/storage';
import { acceptedData, completedData, requestedData, soundOf } from '@setlist/testkit';

const NOW = new Date('2026-11-22T06:00:00Z');

/** The audio of a phrase, as these tests have it. */
const audioOf = (text: string): Uint8Array => Buffer.from(`audio of ${text}`);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
/** The set file, as these tests have it. */
const fileOf = (name: string): Uint8Array => Buffer.from(name);
const keyOf = (hash: string): string => `audio/${hash}.mp3`;

export interface Item {
  readonly set: string;
  readonly index: number;
  readonly attempt: number;
  readonly text: string;
}

interface SetWords {
  readonly id: string;
  readonly name: string;
  readonly run: string;
  readonly phrases: readonly string[];
  readonly output: ObjectStore;
  readonly say: <N extends EventName>(name: N, data: EventData<N>) => EventOf<N>;
}

/** The events of one set of phrases, whose files are in the output. */
export function setOf(name: string, run: string, phrases: readonly string[], output: ObjectStore) {
  const id = setId(name, run);
  const say: SetWords['say'] = (event, data) =>
    newEvent(event, data, { source: EVENTS[event].by[0], now: NOW, setId: id });
  const words = { id, name, run, phrases, output, say };
  /** Stores the set file, as ingest does before it writes any event. */
  const keepFile = (store: ObjectStore) =>
    store.put(`sets/${name}.yml`, fileOf(name), { contentType: 'application/yaml' });
  return { id, keepFile, ...doorOf(words), ...itemsOf(words), ...noticesOf(words) };
}

const doorOf = ({ name, run, phrases, output, say }: SetWords) => ({
  accepted: () => {
    const billedCharacters = phrases.reduce((sum, text) => sum + text.length, 0);
    const file = fileOf(name);
    const source = { uri: `inbox/${name}.yml`, bytes: file.length, keptAs: `sets/${name}.yml` };
    const data = acceptedData({
      run,
      set: { name, location: output.locate(name), notify: [] },
      source: { ...source, sha256: sha256(file) },
      prefix: name,
      output: output.uri,
      itemCount: phrases.length,
      lanes: [{ lane: 'neural', items: phrases.length, billedCharacters }],
    });
    return say('SetAccepted', data);
  },
  cancelled: () => {
    const set = { name, location: output.locate(name), notify: [] };
    const counts = { total: phrases.length, completed: 1, failed: 0, paid: 1, reused: 0, recovered: 0 };
    return say('SetCancelled', { set, who: 'test', afterSeq: 1, counts });
  },
  rejected: () =>
    say('SetRejected', {
      run,
      name,
      notify: [],
      source: { uri: `inbox/${name}.yml`, bytes: 10 },
      problems: [{ line: 1, column: 1, path: 'set', code: 'missing', message: 'No set.', remedy: 'Add it.' }],
      problemCount: 1,
    }),
});

function itemsOf({ id, name, phrases, output, say }: SetWords) {
  const item = (index: number, attempt = 1): Item => ({
    set: id,
    index,
    attempt,
    text: phrases[index] ?? '',
  });
  const fileOf = (index: number): string => `${name}/item-${index}.mp3`;
  const partsOf = (index: number, attempt: number) => {
    const hash = soundHash(soundOf({ text: item(index).text }));
    return { index, attempt, lane: 'neural' as const, file: fileOf(index), hash };
  };
  return {
    item,
    requested: (index: number) => {
      const sound = soundOf({ text: item(index).text });
      const parts = { ...partsOf(index, 1), sound, billedCharacters: sound.text.length };
      return say('ItemRequested', requestedData(parts));
    },
    completed: (index: number, how: 'paid' | 'reused' = 'paid', attempt = 1) => {
      const { text } = item(index);
      const audio = audioOf(text);
      const data = completedData({
        ...partsOf(index, attempt),
        how,
        billedCharacters: how === 'paid' ? text.length : 0,
        sparedCharacters: how === 'paid' ? 0 : text.length,
        bytes: audio.length,
        sha256: sha256(audio),
        durationMs: 1_000,
      });
      return say('ItemCompleted', data);
    },
    failed: (index: number, attempt = 1) => {
      const why = { code: 'InvalidSsmlException', message: 'Polly refused the SSML.', remedy: 'Correct it.' };
      return say('ItemFailed', { ...partsOf(index, attempt), ...why, tries: 1 });
    },
    /** Writes the file under its user's name. */
    deliver: (index: number) =>
      output.put(fileOf(index), audioOf(item(index).text), { contentType: 'audio/mpeg' }),
  };
}

const noticesOf = ({ say }: SetWords) => ({
  notified: (cause: string, causeName: string) => {
    const told = { channel: 'mail', recipient: 'j***@example.com', cause, causeName, tries: 1 };
    return say('NotificationSent', told);
  },
});

export type ToldSet = ReturnType<typeof setOf>;

/** The ledger's events for the sound of an item. */
export function soundOfItem({ text, ...item }: Item, store: ObjectStore) {
  const hash = soundHash(soundOf({ text }));
  const say = <N extends EventName>(event: N, data: EventData<N>): EventOf<N> =>
    newEvent(event, data, { source: 'dispatcher', now: NOW });
  const audio = audioOf(text);
  return {
    hash,
    key: keyOf(hash),
    claimed: (
      claim = 1,
      because: EventData<'SoundClaimed'>['because'] = 'new',
      changes: Partial<EventData<'SoundClaimed'>> = {},
    ) =>
      say('SoundClaimed', {
        hash,
        claim,
        by: 'dispatcher-1',
        until: NOW.toISOString(),
        for: item,
        operation: 'synthesize',
        expired: 0,
        because,
        ...changes,
      }),
    freed: (claim = 1, billed = false) =>
      say('SoundFreed', {
        hash,
        claim,
        by: 'dispatcher-1',
        reason: { code: 'ServiceFailure', message: 'Polly failed.', remedy: 'Try again.' },
        billed,
      }),
    paid: (claim = 1, changes: Partial<EventData<'SoundPaid'>> = {}) =>
      say('SoundPaid', {
        hash,
        claim,
        by: 'dispatcher-1',
        for: item,
        how: 'synthesized',
        lane: 'neural',
        billedCharacters: text.length,
        object: keyOf(hash),
        contentType: 'audio/mpeg',
        bytes: audio.length,
        sha256: sha256(audio),
        durationMs: 1_000,
        ...changes,
      }),
    keep: () => store.put(keyOf(hash), audio, { contentType: 'audio/mpeg' }),
  };
}

/** An item paid for by a call, start to end. */
export function* paidFor(set: ToldSet, index: number, store: ObjectStore): Generator<SetlistEvent> {
  const sound = soundOfItem(set.item(index), store);
  yield sound.claimed();
  yield sound.paid();
  yield set.completed(index);
}
