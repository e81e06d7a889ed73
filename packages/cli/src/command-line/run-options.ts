/** What `run` and `submit` may ask for besides what the set file says, for this run only. */

import { PRIORITIES, type Priority } from '@setlist/contracts';
import { AMOUNT_FORM, DEADLINE_FORMS, deadlineAt, isAmount } from '@setlist/set-file';
import { type Command, InvalidArgumentError, Option } from 'commander';

export interface RunOptionFlags {
  readonly fresh?: boolean;
  readonly maxUsd?: string;
  readonly deadline?: string;
  readonly priority?: Priority;
}

export const freshOption = () => new Option('--fresh', 'record every sound anew, and pay for it again');
export const maxUsdOption = () =>
  new Option(
    '--max-usd <amount>',
    'the most that it may newly cost, in US dollars; the file’s budget holds where it is smaller',
  ).argParser(amount);

export const withRunOptions = (command: Command): Command =>
  command
    .addOption(freshOption())
    .addOption(maxUsdOption())
    .addOption(
      new Option(
        '--deadline <time>',
        'until when to go on, in place of the file’s: 90m, 2h, 1d, or a moment such as 2026-11-22T20:00:00Z',
      ).argParser(deadline),
    )
    .addOption(
      new Option(
        '--priority <level>',
        'which of several waiting sets goes first, in place of the file’s',
      ).choices([...PRIORITIES]),
    );

function amount(text: string): string {
  if (isAmount(text)) return text;
  throw new InvalidArgumentError(`Write ${AMOUNT_FORM}.`);
}

function deadline(text: string): string {
  if (deadlineAt(text, new Date()) !== undefined) return text;
  throw new InvalidArgumentError(`Write ${DEADLINE_FORMS}.`);
}
