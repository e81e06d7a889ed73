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

const sent = (channel: string, notTold?: { recipient: string }[]): SetlistEvent =>
  newEvent(
    'NotificationSent',
    {
      ...{
        channel,
        recipient: 'j***@example.com',
        tries: 1,
        cause: 'a-set/completed/1',
        causeName: 'SetCompleted',
      },
      ...(notTold && { notTold: notTold.map((one) => ({ ...one, ...refusal })) }),
    },
    { source: 'notifier', now: NOW, setId: 'a-set' },
  );

test('each recipient who was refused a message that others got is named, with the reason', async () => {
  const events = [sent('mail', [{ recipient: 'b***@example.com' }]), sent('team')];
  const read: EventLog['read'] = async function* () {
    for (const event of events) yield { event } as Handout['record'];
  };
  const notices = await failedNotices({ read }, { setId: 'a-set' } as SetSummary);
  expect(noticeLines(notices)).toEqual([
    'SetCompleted could not be sent to b***@example.com by mail: The mail server refused it: 550 No such user',
    '    Correct the addresses.',
  ]);
  expect(notices.map(noticeJson)).toEqual([
    {
      ...{ channel: 'mail', recipient: 'b***@example.com', about: 'SetCompleted', tries: 1, ...refusal },
      at: NOW.toISOString(),
    },
  ]);
});
