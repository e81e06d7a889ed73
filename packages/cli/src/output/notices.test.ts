/** What a status says about messages that not everybody got. */
import { newEvent, type SetlistEvent, type SetSummary } from '@setlist/contracts';
import type { EventLog, Handout } from '@setlist/eventlog';
import { expect, test } from 'vitest';
import { failedNotices } from '../follow/read-sets.ts';
import { noticeJson, noticeLines } from './notices.ts';

const NOW = new Date('2026-11-22T21:00:00Z');
const refusal = {
  code: 'smtp-550',
  message: 'The mail server refused it: 550 No such user',
  remedy: 'Correct the addresses.',
};

const told = {
  recipient: 'j***@example.com',
  tries: 3,
  cause: 'a-set/completed/1',
  causeName: 'SetCompleted',
};
const by = { source: 'notifier', now: NOW, setId: 'a-set' } as const;

const sent = (channel: string, notTold?: { recipient: string }[]): SetlistEvent =>
  newEvent(
    'NotificationSent',
    { channel, ...told, ...(notTold && { notTold: notTold.map((one) => ({ ...one, ...refusal })) }) },
    by,
  );

/** What `setlist status` reads of these events. */
function noticesOf(...events: SetlistEvent[]) {
  const read: EventLog['read'] = async function* () {
    for (const event of events) yield { event } as Handout['record'];
  };
  return failedNotices({ read }, { setId: 'a-set' } as SetSummary);
}

test('each recipient who was refused a message that others got is named, with the reason', async () => {
  const notices = await noticesOf(sent('mail', [{ recipient: 'b***@example.com' }]), sent('team'));
  // The tries are the whole mail's: this recipient may have been refused at the first one.
  expect(noticeLines(notices)).toEqual([
    'SetCompleted could not be sent to b***@example.com by mail: The mail server refused it: 550 No such user',
    '    Correct the addresses.',
  ]);
  expect(notices.map(noticeJson)).toEqual([
    {
      ...{ channel: 'mail', recipient: 'b***@example.com', about: 'SetCompleted', tries: 3, ...refusal },
      at: NOW.toISOString(),
    },
  ]);
});

test('a message that nobody got is shown with its tries', async () => {
  const notices = await noticesOf(
    newEvent('NotificationFailed', { channel: 'mail', ...told, ...refusal }, by),
  );
  expect(noticeLines(notices)[0]).toBe(
    'SetCompleted could not be sent to j***@example.com by mail after 3 tries: The mail server refused it: 550 No such user',
  );
});
