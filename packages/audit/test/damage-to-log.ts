/** Damage to the log itself: each is an edit of a clean copy, with the code that the audit must give it. */
import { encodeEvent, type SetlistEvent, subjectOf, subjects } from '@setlist/contracts';
import type { FaultCode } from '../src/index.ts';
import type { CloudEvent, Message, Scratch } from './scratch.ts';
import { soundOfItem } from './told.ts';

/** Selects a message: the first of a set or sound that has a given type and passes a test on its data. */
type Wanted = (message: Message, scratch: Scratch) => boolean;

const typeOf = ({ event }: Message): string => (event as CloudEvent).type;
const dataOf = ({ event }: Message): Record<string, unknown> => (event as CloudEvent).data;
const guideItem =
  (type: string, index = 0): Wanted =>
  (message) =>
    message.subject.includes('.guide-') && typeOf(message) === type && dataOf(message).index === index;
const guideState =
  (type: string): Wanted =>
  (message) =>
    message.subject.includes('.guide-') && typeOf(message) === type;
const guideSound =
  (type: string): Wanted =>
  (message, scratch) =>
    message.subject === subjects.sound(soundIn(scratch).hash) && typeOf(message) === type;
/** The sound of the guide's only completed item. */
const soundIn = ({ history, world }: Scratch) => soundOfItem(history.guide.item(0), world.store);

const placeOf = (messages: readonly Message[], wanted: Wanted, scratch: Scratch): number => {
  const place = messages.findIndex((message) => wanted(message, scratch));
  if (place < 0) throw new Error('the clean log has no such message');
  return place;
};
/** An edit of a clean log. */
export type Edit = (messages: readonly Message[], scratch: Scratch) => Message[];

const dropped =
  (wanted: Wanted): Edit =>
  (messages, scratch) =>
    messages.toSpliced(placeOf(messages, wanted, scratch), 1);
const edited =
  (wanted: Wanted, edit: (event: CloudEvent) => CloudEvent | Uint8Array): Edit =>
  (messages, scratch) => {
    const place = placeOf(messages, wanted, scratch);
    const { event, ...rest } = messages[place] as Message;
    return messages.with(place, { ...rest, event: edit(event as CloudEvent) });
  };
const changed = (changes: Partial<CloudEvent>) => (event: CloudEvent) => ({ ...event, ...changes });
const withData = (changes: Record<string, unknown>) => (event: CloudEvent) => ({
  ...event,
  data: { ...event.data, ...changes },
});
const repeated =
  (wanted: Wanted, edit: (event: CloudEvent) => CloudEvent = (event) => event): Edit =>
  (messages, scratch) => {
    const { subject, event } = messages[placeOf(messages, wanted, scratch)] as Message;
    return [...messages, { subject, event: edit(event as CloudEvent) }];
  };
const added =
  (more: (scratch: Scratch) => Message[]): Edit =>
  (messages, scratch) => [...messages, ...more(scratch)];

export const DAMAGE_TO_LOG: readonly [FaultCode, string, Edit][] = [
  [
    'unreadable-event',
    'bytes that are not JSON',
    edited(guideItem('setlist.item.requested.v1', 2), () => Buffer.from('{')),
  ],
  [
    'unknown-event',
    'a type that no schema knows',
    edited(guideItem('setlist.item.requested.v1', 2), changed({ type: 'setlist.item.wished.v1' })),
  ],
  [
    'invalid-event',
    'data that its schema refuses',
    edited(guideItem('setlist.item.requested.v1', 2), withData({ billedCharacters: -1 })),
  ],
  ['event-repeated', 'an event of a life, twice', repeated(guideState('setlist.set.resumed.v1'))],
  [
    'request-contradicted',
    'the same request with another file',
    repeated(guideItem('setlist.item.requested.v1'), withData({ file: 'guide/other.mp3' })),
  ],
  [
    'event-misplaced',
    'an outcome on the subject of another item',
    (messages, scratch) => {
      const place = placeOf(messages, guideItem('setlist.item.completed.v1'), scratch);
      const { subject, ...rest } = messages[place] as Message;
      return messages.with(place, { ...rest, subject: subject.replace(/\.0\.1$/, '.1.1') });
    },
  ],
  [
    'id-unexplained',
    'an id that does not follow from what the event says',
    edited(guideItem('setlist.item.requested.v1', 1), changed({ id: 'forged' })),
  ],
  [
    'source-unexplained',
    'a resumption by a service that decides on none',
    edited(guideState('setlist.set.resumed.v1'), changed({ source: '/setlist/ingest' })),
  ],
  [
    'event-before-set',
    'an acceptance that comes after its items',
    (messages, scratch) => {
      const place = placeOf(messages, guideState('setlist.set.accepted.v1'), scratch);
      const accepted = messages[place] as Message;
      return messages.toSpliced(place, 1).toSpliced(place + 2, 0, accepted);
    },
  ],
  [
    'request-outside-set',
    'a request for an item that the set does not have',
    edited(guideItem('setlist.item.requested.v1', 2), withData({ index: 7 })),
  ],
  [
    'request-outside-set',
    'a request for an item with an index too large to allocate for',
    edited(guideItem('setlist.item.requested.v1', 2), withData({ index: 5_000_000_000 })),
  ],
  [
    'outcome-without-request',
    'an outcome of an item with an index too large to allocate for',
    edited(guideItem('setlist.item.completed.v1'), withData({ index: 5_000_000_000 })),
  ],
  [
    'attempt-unexplained',
    'a second attempt that no retry explains',
    repeated(guideItem('setlist.item.requested.v1', 2), (event) => ({
      ...event,
      id: event.id.replace('/1/requested', '/2/requested'),
      data: { ...event.data, attempt: 2 },
    })),
  ],
  [
    'outcome-without-request',
    'an outcome whose request is gone',
    dropped(guideItem('setlist.item.requested.v1')),
  ],
  [
    'outcome-twice',
    'a failure after the completion',
    added(({ history }) => [said(history.guide.failed(0))]),
  ],
  ...[{ file: 'guide/other.mp3' }, { sha256: 'f'.repeat(64) }, { bytes: 1 }, { durationMs: 1 }].map(
    (changes): [FaultCode, string, Edit] => [
      'outcome-differs',
      `an outcome with another ${Object.keys(changes)}`,
      edited(guideItem('setlist.item.completed.v1'), withData(changes)),
    ],
  ),
  ['state-unexplained', 'a pause of a set that is paused', dropped(guideState('setlist.set.resumed.v1'))],
  [
    'completion-contradicted',
    'a completion with a wrong cost',
    edited((message) => typeOf(message) === 'setlist.set.completed.v1', withData({ costUsd: '99.00' })),
  ],
  ...[
    { set: { name: 'another', location: '/elsewhere', notify: [] } },
    { startedAt: '2026-01-01T00:00:00.000Z' },
    { endedAt: '2026-01-01T00:00:00.000Z' },
    { failures: [{ index: 0, file: 'tour/item-0.mp3', code: 'x', message: 'It failed.', remedy: 'None.' }] },
  ].map((changes): [FaultCode, string, Edit] => [
    'completion-contradicted',
    `a last completion with another ${Object.keys(changes)}`,
    edited(
      (message) => typeOf(message) === 'setlist.set.completed.v1' && dataOf(message).round === 2,
      withData(changes),
    ),
  ]),
  [
    'event-repeated',
    'a failed notification beside the sent one for the same message',
    (messages, scratch) => {
      const sent = messages[
        placeOf(messages, (message) => typeOf(message) === 'setlist.notification.sent.v1', scratch)
      ] as Message;
      const reason = { code: 'x', message: 'It failed.', remedy: 'None.' };
      const failed = {
        ...withData(reason)(sent.event as CloudEvent),
        type: 'setlist.notification.failed.v1',
      };
      const id = failed.id.replace('/sent/', '/failed/');
      return [...messages, { subject: sent.subject, event: { ...failed, id } }];
    },
  ],
  [
    'sound-contradicted',
    'a text that does not give the hash beside it',
    edited(guideItem('setlist.item.requested.v1', 2), (event) => {
      const sound = { ...(event.data.sound as object), text: 'Four.' };
      return withData({ sound })(event);
    }),
  ],
  [
    'acceptance-contradicted',
    'a request for more characters than the set was accepted with',
    edited(guideItem('setlist.item.requested.v1', 2), withData({ billedCharacters: 1_000 })),
  ],
  [
    'acceptance-contradicted',
    'an acceptance whose sum is not that of its lanes',
    edited(guideState('setlist.set.accepted.v1'), withData({ billedCharacters: 1_000 })),
  ],
  [
    'chain-broken',
    'a text that was changed before the set ended',
    edited(
      (message) => message.subject.includes('.tour-') && typeOf(message) === 'setlist.item.requested.v1',
      (event) => withData({ sound: { ...(event.data.sound as object), text: 'Go away.' } })(event),
    ),
  ],
  [
    'notice-without-cause',
    'a notice of something that never happened',
    edited((message) => typeOf(message) === 'setlist.notification.sent.v1', withData({ cause: 'never' })),
  ],
  ['paid-without-claim', 'a payment whose claim is gone', dropped(guideSound('setlist.sound.claimed.v1'))],
  [
    'paid-twice',
    'a second payment that does not say why',
    added((scratch) => [said(soundIn(scratch).claimed(2, 'missing')), said(soundIn(scratch).paid(2))]),
  ],
  [
    'step-without-claim',
    'the release of a claim that was not held',
    added((scratch) => [said(soundIn(scratch).freed(5))]),
  ],
  [
    'claim-out-of-turn',
    'a claim whose ordinal skips some',
    edited(guideSound('setlist.sound.claimed.v1'), (event) => ({
      ...event,
      id: event.id.replace('/claimed/1/', '/claimed/4/'),
      data: { ...event.data, claim: 4 },
    })),
  ],
  ['completed-unpaid', 'audio whose sound was never paid for', dropped(guideSound('setlist.sound.paid.v1'))],
  [
    'billed-otherwise',
    'an item billed for more than was paid',
    edited(guideItem('setlist.item.completed.v1'), withData({ billedCharacters: 40_000 })),
  ],
];

/** An event as it is stored in the log. */
function said(event: SetlistEvent): Message {
  return { subject: subjectOf(event), event: JSON.parse(Buffer.from(encodeEvent(event)).toString()) };
}
