/** The judge of the fault suites must detect every fault: the tests make one thing wrong at a time. */
import { createHash } from 'node:crypto';
import {
  type EventName,
  type SetlistEvent,
  type SetSummary,
  type Sound,
  soundHash,
} from '@setlist/contracts';
import { soundOf } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { type Circumstances, judge } from './verdict/judge.ts';
import type { Observation } from './verdict/observe.ts';

const SET = 'verdict-20260101t000000-aaaaaa';
const SHA = 'a'.repeat(64);
const FOR = { set: SET, index: 0, attempt: 1 };
const ALL_WELL: Circumstances = {
  items: 2,
  callsLostAtMost: 1,
  channels: ['mail', 'folder'],
  mailMayRepeat: false,
};
const sounds = [0, 1].map((index) => soundOf({ engine: 'standard', text: `Line ${index}.` }));
const [first = '', second = ''] = sounds.map(soundHash);
const engineKey = ({ text, voice, engine, format }: Sound): string =>
  createHash('sha256').update([text, voice, engine, format].join('\0')).digest('hex');
const [firstKey = '', secondKey = ''] = sounds.map(engineKey);

/** An event with only the fields that the judge reads; two with the same content have the same id. */
const say = (name: EventName, data: object): SetlistEvent =>
  ({ name, data, setId: SET, id: `${name} ${JSON.stringify(data)}` }) as SetlistEvent;

const claim = (hash: string, by: string, expired: number, ordinal: number): SetlistEvent =>
  say('SoundClaimed', { hash, claim: ordinal, by, expired, operation: 'synthesize', for: FOR });
const taskClaim = (hash: string, by: string, expired: number): SetlistEvent =>
  say('SoundClaimed', { ...claim(hash, by, expired, 1 + expired).data, operation: 'task' });
const paid = (hash: string, more: object = {}): SetlistEvent =>
  say('SoundPaid', { hash, claim: 1, by: 'A', sha256: SHA, how: 'synthesized', ...more });
const outcome = (index: number, hash: string): SetlistEvent =>
  say('ItemCompleted', { index, attempt: 1, lane: 'standard', file: `v/${index}.mp3`, hash, sha256: SHA });
const requested = sounds.map((sound, index) =>
  say('ItemRequested', { index, attempt: 1, lane: 'standard', sound, hash: soundHash(sound) }),
);
const completed = say('SetCompleted', { round: 1, counts: { completed: 2, failed: 0 } });
const note = say('NotificationSent', { channel: 'mail', cause: completed.id });
const noteOfFolder = say('NotificationSent', { channel: 'folder', cause: completed.id });
const MAIL_FILE = `${SET}.completed.1.eml`;

const good: Observation = {
  events: [
    say('SetAccepted', { round: 1 }),
    ...requested,
    claim(first, 'A', 0, 1),
    claim(second, 'A', 0, 1),
    paid(first),
    paid(second),
    outcome(0, first),
    outcome(1, second),
    completed,
    note,
    noteOfFolder,
  ],
  files: new Map([
    ['0.mp3', SHA],
    ['1.mp3', SHA],
  ]),
  objects: new Map([
    [first, SHA],
    [second, SHA],
  ]),
  unreadable: new Map(),
  messageIds: ['<one>'],
  mailFiles: [MAIL_FILE],
  engine: { sounds: { [firstKey]: 1, [secondKey]: 1 }, lostSounds: {} },
  tasks: new Map(),
  projection: { state: 'completed', counts: { completed: 2 } } as SetSummary,
};
const wrongs = (changed: Partial<Observation>, circumstances = ALL_WELL): string[] => [
  ...judge({ ...good, ...changed }, circumstances).wrong,
];
const without = (event: SetlistEvent): SetlistEvent[] => good.events.filter((each) => each !== event);
const withPayment = (...instead: SetlistEvent[]): SetlistEvent[] =>
  good.events.flatMap((event) =>
    event.name === 'SoundPaid' && event.data.hash === first ? instead : [event],
  );
const calledTwice = { sounds: { [firstKey]: 1, [secondKey]: 1 }, lostSounds: { [firstKey]: 1 } };

test('finds nothing wrong if nothing is wrong', () => {
  expect(judge(good, ALL_WELL)).toEqual({
    wrong: [],
    costs: {
      tasksPaidTwice: 0,
      callsPaidTwice: 0,
      callsLost: 0,
      repaid: 0,
      mailsRepeated: 0,
      recovered: 0,
    },
  });
});

test.each<[string, Partial<Observation>, RegExp]>([
  ['an event twice', { events: [...good.events, outcome(0, first)] }, /is in the log 2 times/],
  ['an outcome missing', { events: without(good.events[7] as SetlistEvent) }, /1 items have an outcome/],
  ['a set that never ended', { events: without(completed) }, /SetCompleted: 0/],
  ['a file missing', { files: new Map([['0.mp3', SHA]]) }, /1\.mp3 is missing/],
  ['a file cut short', { files: new Map([...good.files, ['1.mp3', 'b'.repeat(64)]]) }, /1\.mp3 is b+/],
  ['a sound gone', { objects: new Map([[first, SHA]]) }, /is missing instead/],
  ['audio that is none', { unreadable: new Map([[SHA, 'no frames']]) }, /no frames/],
  ['a notice not noted', { events: without(note) }, /0 notices by mail/],
  ['a mail twice', { messageIds: ['<one>', '<one>'] }, /1 mails came twice/],
  ['no mail', { messageIds: [] }, /0 different mails/],
  ['no mail in the folder', { mailFiles: [] }, /0 mails are in the folder/],
  ['a second mail in the folder', { mailFiles: [MAIL_FILE, 'another.eml'] }, /2 mails are in the folder/],
  ['a projection behind', { projection: undefined }, /projection says nothing/],
  ['two tasks for a sound', { tasks: new Map([[first, 2]]), engine: calledTwice }, /was given 2 tasks/],
  ['a call again that nobody counts', { engine: calledTwice }, /no event counts it/],
])('sees %s', (_, changed, wrong) => {
  expect(wrongs(changed)).toContainEqual(expect.stringMatching(wrong));
});

test('accepts repeated calls after takeovers that the log counts, up to the number of lost replies', () => {
  const events = withPayment(claim(first, 'B', 1, 2), paid(first, { repaid: { because: 'expired' } }));
  const seen = { events, engine: calledTwice };
  expect(wrongs(seen)).toEqual([]);
  expect(judge({ ...good, ...seen }, ALL_WELL).costs).toMatchObject({
    callsPaidTwice: 1,
    callsLost: 1,
    repaid: 1,
  });
  expect(wrongs(seen, { ...ALL_WELL, callsLostAtMost: 0 })).toEqual([
    expect.stringMatching(/where 0 at most/),
  ]);
});

test('accepts a task after a call whose caller died, and no call after a task', () => {
  const callFirst = [taskClaim(first, 'B', 1), paid(first, { how: 'task', repaid: { because: 'expired' } })];
  const seen = { engine: calledTwice, tasks: new Map([[first, 1]]) };
  expect(wrongs({ ...seen, events: withPayment(...callFirst) })).toEqual([]);
  const taskFirst = good.events.flatMap((event) =>
    event.name === 'SoundClaimed' && event.data.hash === first
      ? [taskClaim(first, 'A', 0), claim(first, 'B', 1, 2)]
      : event.name === 'SoundPaid' && event.data.hash === first
        ? [paid(first, { repaid: { because: 'expired' } })]
        : [event],
  );
  expect(wrongs({ ...seen, events: taskFirst })).toEqual([
    expect.stringMatching(/was called for 1 times after it had a task/),
  ]);
});

test('accepts a repeated call after a time-out that the log records', () => {
  const reason = { code: 'call-timeout', message: 'no whole answer came within 5 s', remedy: 'none' };
  const freed = (code: string): SetlistEvent =>
    say('SoundFreed', { hash: first, claim: 1, by: 'A', billed: true, reason: { ...reason, code } });
  const eventsAfter = (code: string): SetlistEvent[] =>
    withPayment(freed(code), claim(first, 'A', 0, 2), paid(first, { repaid: { because: 'cut' } }));
  const nobodyDied = { ...ALL_WELL, callsLostAtMost: 0 };
  expect(wrongs({ events: eventsAfter('call-timeout'), engine: calledTwice }, nobodyDied)).toEqual([]);
  expect(wrongs({ events: eventsAfter('other'), engine: calledTwice }, nobodyDied)).toEqual([
    expect.stringMatching(/where 0 at most .* freed: 1 × other: no whole answer/),
  ]);
});

test('does not count a renewal as a takeover', () => {
  const events = withPayment(claim(first, 'A', 0, 2), paid(first, { repaid: { because: 'expired' } }));
  expect(wrongs({ events, engine: calledTwice })).toEqual([expect.stringMatching(/by 0 takeovers/)]);
});
