/** Events of sets as the tracker and ingest write them, for tests to change. */
import { type EventData, type EventOf, newEvent, setId } from '@setlist/contracts';
import { completedData, requestedData } from '@setlist/testkit';

const RUN = '20261122t205012-k3f9q2';
export const SET_ID = setId('moby-dick', RUN);
/** The id of another set. */
export const setIdOf = (n: number): string => setId(`set-${n}`, RUN);

const SET = {
  name: 'moby-dick',
  description: 'Moby Dick by Herman Melville',
  location: '/srv/setlist/outbox/moby-dick',
  notify: [],
};
const COUNTS = { total: 6, completed: 6, failed: 0, paid: 4, reused: 2, recovered: 0 };
const NOW = new Date('2026-11-22T21:02:16Z');

type WithSet<E> = E & { readonly setId: string };
type Change<N extends Parameters<typeof newEvent>[0]> = Partial<EventData<N>> & { readonly setId?: string };

export function completed({
  setId = SET_ID,
  ...change
}: Change<'SetCompleted'> = {}): WithSet<EventOf<'SetCompleted'>> {
  const data = {
    set: SET,
    round: 1,
    counts: COUNTS,
    billedCharacters: 1234,
    costUsd: '0.019744',
    savedUsd: '0.0046',
    startedAt: '2026-11-22T20:50:12.000Z',
    endedAt: '2026-11-22T21:02:15.000Z',
    failures: [],
    chain: { events: 14, head: 'a'.repeat(64) },
    ...change,
  };
  return { ...newEvent('SetCompleted', data, { source: 'tracker', now: NOW, setId }), setId };
}

/** Three of six items failed; the event names two of them. */
export const completedWithFailures = (
  change: Change<'SetCompleted'> = {},
): WithSet<EventOf<'SetCompleted'>> =>
  completed({
    counts: { ...COUNTS, completed: 3, failed: 3, paid: 3, reused: 0 },
    failures: [
      {
        index: 3,
        file: 'moby-dick/item-000003-loomings.mp3',
        code: 'InvalidSsmlException',
        message: 'Polly refused the tag <amazon:effect name="whispered"> & its content',
        remedy: 'remove the tag, or set engine: standard',
      },
      {
        index: 5,
        file: 'moby-dick/item-000005-the-carpet-bag.mp3',
        code: 'TextLengthExceededException',
        message: 'the text is too long',
        remedy: 'split it',
      },
    ],
    ...change,
  });

export function stalled({
  setId = SET_ID,
  ...change
}: Change<'SetStalled'> = {}): WithSet<EventOf<'SetStalled'>> {
  const data = {
    set: SET,
    round: 1,
    counts: { ...COUNTS, completed: 4, paid: 2 },
    sinceSeq: 17,
    since: '2026-11-22T20:02:15.000Z',
    quietMs: 3_600_000,
    ...change,
  };
  return { ...newEvent('SetStalled', data, { source: 'tracker', now: NOW, setId }), setId };
}

export function unstalled({
  setId = SET_ID,
  ...change
}: Change<'SetUnstalled'> = {}): WithSet<EventOf<'SetUnstalled'>> {
  const data = {
    set: SET,
    round: 1,
    counts: { ...COUNTS, completed: 5, paid: 3 },
    stalledSinceSeq: 17,
    stalledSince: '2026-11-22T20:02:15.000Z',
    movedBySeq: 99,
    ...change,
  };
  return { ...newEvent('SetUnstalled', data, { source: 'tracker', now: NOW, setId }), setId };
}

type StepData = EventData<'SetPaused'> & EventData<'SetResumed'>;
const step = (change: Partial<StepData>): StepData => ({ set: SET, who: 'jane', afterSeq: 9, ...change });

export const paused = ({ setId = SET_ID, ...change }: Change<'SetPaused'> = {}): EventOf<'SetPaused'> =>
  newEvent('SetPaused', step(change), { source: 'tracker', now: NOW, setId });

export const resumed = ({ setId = SET_ID, ...change }: Change<'SetResumed'> = {}): EventOf<'SetResumed'> =>
  newEvent('SetResumed', step(change), { source: 'tracker', now: NOW, setId });

export function cancelled({
  setId = SET_ID,
  ...change
}: Change<'SetCancelled'> = {}): WithSet<EventOf<'SetCancelled'>> {
  const data = { set: SET, who: 'jane', why: 'the wrong voice', afterSeq: 9, counts: COUNTS, ...change };
  return { ...newEvent('SetCancelled', data, { source: 'tracker', now: NOW, setId }), setId };
}

export function rejected({
  setId = SET_ID,
  ...change
}: Change<'SetRejected'> = {}): WithSet<EventOf<'SetRejected'>> {
  const data = {
    run: '20261122t205012-k3f9q2',
    name: 'romeo-juliet',
    notify: [],
    source: { uri: 'file:///srv/setlist/inbox/romeo%20juliet.yml', bytes: 412 },
    problems: [problem(4), problem(9)],
    problemCount: 2,
    ...change,
  };
  return { ...newEvent('SetRejected', data, { source: 'ingest', now: NOW, setId }), setId };
}

export const problem = (line: number): EventData<'SetRejected'>['problems'][number] => ({
  line,
  column: 7,
  path: 'items[0].languge-code',
  code: 'unknown-key',
  message: 'unknown key "languge-code"',
  remedy: 'did you mean "language-code"?',
});

/** A request for an item. */
export const itemRequested = (): EventOf<'ItemRequested'> =>
  newEvent('ItemRequested', requestedData(), { source: 'ingest', now: NOW, setId: SET_ID });

/** An item's outcome, which moves the set. */
export const itemCompleted = (): EventOf<'ItemCompleted'> =>
  newEvent('ItemCompleted', completedData(), { source: 'dispatcher', now: NOW, setId: SET_ID });
