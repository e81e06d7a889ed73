/** Shows messages that could not be delivered, to people and to scripts; recipients are masked, as in the log. */
import type { FailedNotice } from '../follow/read-sets.ts';

/** Two lines for each: what could not be sent, to whom and why; then what to do. */
export const noticeLines = (notices: readonly FailedNotice[]): string[] =>
  notices.flatMap(({ channel, recipient, causeName, tries, othersGotIt, message, remedy }) => {
    const after = tries > 1 && !othersGotIt ? ` after ${tries} tries` : '';
    return [
      `${causeName} could not be sent to ${recipient} by ${channel}${after}: ${message}`,
      `    ${remedy}`,
    ];
  });

/** `at` is when the notifier gave up, in ISO 8601, by its clock. */
export const noticeJson = (notice: FailedNotice) => {
  const { channel, recipient, causeName, tries, code, message, remedy, time } = notice;
  return { channel, recipient, about: causeName, tries, code, message, remedy, at: time };
};
