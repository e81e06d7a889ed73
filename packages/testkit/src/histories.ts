/** Events and histories for tests, in the words of the domain. */
import {
  AUDIO_PREFIX,
  EVENTS,
  type EventData,
  type EventName,
  type EventOf,
  encodeEvent,
  newEvent,
  type SetlistEvent,
  setId,
  soundHash,
  subjectOf,
} from '@setlist/contracts';
import { acceptedData, completedData, requestedData, soundOf } from './event-data.ts';

const START_MS = Date.UTC(2026, 0, 5, 9);
const STARTED_AT = new Date(START_MS).toISOString();
const HASH = 'a'.repeat(64);
const header = { name: 'Moby Dick', location: 'out/moby-dick', notify: [] };
const progress = {
  set: header,
  round: 1,
  counts: { total: 2, completed: 0, failed: 0, paid: 0, reused: 0, recovered: 0 },
};
const command = { set: header, who: 'jane', afterSeq: 1 };

/** The reason for failed items in every history. */
export const failure = {
  code: 'InvalidSsmlException',
  message: 'Polly refused the SSML.',
  remedy: 'Correct the tags of this item.',
};

type Say = <N extends EventName>(name: N, data: EventData<N>) => EventOf<N>;

/** Builds any event of one set; each set of a test has its own run. */
export function eventsOf(
  run = '20260105t090000-k3f9q2',
  items = 2,
  output = 'file:///out',
  phrase = 'Phrase',
) {
  const id = setId(header.name, run);
  const say: Say = (name, data) =>
    newEvent(name, data, { source: EVENTS[name].by[0], now: new Date(START_MS), setId: id });
  return {
    id,
    ...doorOf(say, { run, items, output }),
    ...itemsOf(say, phrase),
    ...lifeOf(say),
    ...noticesOf(say, id),
  };
}
export type SetEvents = ReturnType<typeof eventsOf>;

const doorOf = (say: Say, { run, items, output }: { run: string; items: number; output: string }) => ({
  accepted: (neuralUsd = '16.00') =>
    say(
      'SetAccepted',
      acceptedData({
        run,
        set: header,
        source: { uri: 'inbox/moby-dick.yml', sha256: HASH, bytes: 1_000, keptAs: 'sets/a.yml' },
        prefix: 'moby-dick',
        output,
        provider: 'polly',
        itemCount: items,
        usdPerMillion: { neural: neuralUsd },
      }),
    ),
  rejected: (name?: string) =>
    say('SetRejected', {
      run,
      ...(name ? { name } : {}),
      notify: ['mail'],
      source: { uri: 'inbox/broken.yml', bytes: 12 },
      problems: [{ line: 1, column: 1, path: 'set', code: 'missing', message: 'No set.', remedy: 'Add it.' }],
      problemCount: 1,
    }),
});

const itemOf = (index: number, attempt: number) => ({
  index,
  attempt,
  lane: 'neural' as const,
  file: `moby-dick/item-${index}.mp3`,
  hash: HASH,
});

/** Every item has 100 billed characters, however long its text. */
const itemsOf = (say: Say, phrase: string) => ({
  requested: (index: number, attempt = 1) => {
    const sound = soundOf({ provider: 'polly', voice: 'Matthew', text: `${phrase} ${index}` });
    return say('ItemRequested', requestedData({ ...itemOf(index, attempt), sound }));
  },
  completed: (index: number, how: 'paid' | 'reused' | 'recovered' = 'paid', attempt = 1) =>
    say('ItemCompleted', completedData({ ...itemOf(index, attempt), how })),
  failed: (index: number, attempt = 1, code = failure.code) =>
    say('ItemFailed', { ...itemOf(index, attempt), ...failure, code, tries: 3 }),
  /** Paid for, then given up because it could not be delivered. */
  failedPaid: (index: number, attempt = 1, billedBefore?: number) =>
    say('ItemFailed', {
      ...itemOf(index, attempt),
      ...failure,
      tries: 1,
      billedCharacters: 100,
      ...(billedBefore === undefined ? {} : { billedBefore }),
    }),
  /** Delivered at last, with the audio that an earlier attempt had paid for. */
  completedLater: (index: number, attempt: number, billedBefore?: number) => {
    const before = billedBefore === undefined ? {} : { billedBefore };
    return say('ItemCompleted', completedData({ ...itemOf(index, attempt), ...before }));
  },
});

const lifeOf = (say: Say) => ({
  setCompleted: (round = 1, endedAt = STARTED_AT, failed = 0) =>
    say('SetCompleted', {
      ...progress,
      round,
      counts: { ...progress.counts, failed },
      billedCharacters: 0,
      costUsd: '0.00',
      savedUsd: '0.00',
      startedAt: STARTED_AT,
      endedAt,
      failures: [],
      chain: { events: 1, head: HASH },
    }),
  stalled: (sinceSeq: number) =>
    say('SetStalled', { ...progress, sinceSeq, since: STARTED_AT, quietMs: 3_600_000 }),
  unstalled: (stalledSinceSeq: number) =>
    say('SetUnstalled', {
      ...progress,
      stalledSinceSeq,
      stalledSince: STARTED_AT,
      movedBySeq: stalledSinceSeq + 1,
    }),
  paused: () => say('SetPaused', command),
  resumed: () => say('SetResumed', command),
  cancelled: () => say('SetCancelled', { ...command, counts: progress.counts }),
  prioritized: () => say('SetPrioritized', { ...command, priority: 'high' }),
  retried: (round: number, items: number, indexes?: number[]) =>
    say('SetRetried', { ...command, round, items, ...(indexes && { indexes }) }),
});

const noticesOf = (say: Say, id: string) => ({
  notified: () =>
    say('NotificationSent', {
      channel: 'mail',
      recipient: 'j***@example.com',
      cause: `${id}/completed/1`,
      causeName: 'SetCompleted',
      tries: 1,
    }),
});

/** The payment for a phrase, with the defaults of an item whose set file gives only the text. */
export function paidFor(text: string, more: Partial<EventData<'SoundPaid'>> = {}): EventOf<'SoundPaid'> {
  const hash = soundHash(soundOf({ provider: 'polly', voice: 'Matthew', language: 'en-US', text }));
  const data = {
    hash,
    claim: 1,
    by: 'dispatcher-1',
    how: 'synthesized',
    lane: 'neural',
    billedCharacters: text.length,
    object: `${AUDIO_PREFIX}${hash}.mp3`,
    contentType: 'audio/mpeg',
    bytes: 4,
    sha256: hash,
    durationMs: 1,
    ...more,
  } as const;
  return newEvent('SoundPaid', data, { source: 'dispatcher', now: new Date() });
}

/** Events as recorded in the log, from sequence 1 on, one a second. */
export function recorded(events: readonly SetlistEvent[]) {
  return events.map((event, at) => ({
    seq: at + 1,
    subject: subjectOf(event),
    time: new Date(START_MS + at * 1_000),
    raw: encodeEvent(event),
    event,
  }));
}

/** The time in ms of a sequence's record in {@link recorded}, plus `laterMs`. */
export const timeOf = (seq: number, laterMs = 0): number => START_MS + (seq - 1) * 1_000 + laterMs;
