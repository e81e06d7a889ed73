/** What people could not be told, for people and for scripts; recipients are masked as they are in the log. */
import { countOf, type EventOf } from '@setlist/contracts';

type FailedNotice = EventOf<'NotificationFailed'>;

/** Two lines for each: what could not be sent to whom and why, and what to do. */
export const noticeLines = (notices: readonly FailedNotice[]): string[] =>
  notices.flatMap(({ data: { channel, recipient, causeName, tries, message, remedy } }) => [
    `${causeName} could not be sent to ${recipient} by ${channel} after ${countOf(tries, 'try', 'tries')}: ${message}`,
    `    ${remedy}`,
  ]);

/** `at` is when it was given up, in ISO 8601, by the notifier's clock. */
export const noticeJson = ({ data, time }: FailedNotice) => {
  const { channel, recipient, causeName, tries, code, message, remedy } = data;
  return { channel, recipient, about: causeName, tries, code, message, remedy, at: time };
};
