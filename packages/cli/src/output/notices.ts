/** Shows messages that could not be delivered, to people and to scripts; recipients are masked, as in the log. */
import type { EventOf } from '@setlist/contracts';

type FailedNotice = EventOf<'NotificationFailed'>;

/** Two lines for each: what could not be sent, to whom and why; then what to do. */
export const noticeLines = (notices: readonly FailedNotice[]): string[] =>
  notices.flatMap(({ data: { channel, recipient, causeName, tries, message, remedy } }) => {
    const after = tries > 1 ? ` after ${tries} tries` : '';
    return [
      `${causeName} could not be sent to ${recipient} by ${channel}${after}: ${message}`,
      `    ${remedy}`,
    ];
  });

/** `at` is when the notifier gave up, in ISO 8601, by its clock. */
export const noticeJson = ({ data, time }: FailedNotice) => {
  const { channel, recipient, causeName, tries, code, message, remedy } = data;
  return { channel, recipient, about: causeName, tries, code, message, remedy, at: time };
};
