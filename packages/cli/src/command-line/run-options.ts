/** What `run` and `submit` can ask for on top of the set file, for this run only. */

import { PRIORITIES } from '@setlist/contracts';
import { AMOUNT_FORM, DEADLINE_FORMS, deadlineAt, isAmount } from '@setlist/set-file';
import { type Command, InvalidArgumentError, Option } from 'commander';

export const freshOption = () => new Option('--fresh', 'make every sound again, and pay for it again');
export const maxUsdOption = () =>
  new Option(
    '--max-usd <amount>',
    'limit for the new costs of all files together, in US dollars; with submit to a system elsewhere, of each file; a smaller budget in a file still applies',
  ).argParser(amount);

export const withRunOptions = (command: Command): Command =>
  command
    .addOption(freshOption())
    .addOption(maxUsdOption())
    .addOption(
      new Option(
        '--deadline <time>',
        'when to stop, instead of the file’s deadline: 90m, 2h, 1d, or a time such as 2026-11-22T20:00:00Z',
      ).argParser(deadline),
    )
    .addOption(
      new Option(
        '--priority <level>',
        'which of several waiting sets goes first, instead of the file’s priority',
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
