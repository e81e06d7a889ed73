/** How the commands that steer a running set are said on the command line. */
import { COMMANDS, PRIORITIES, type Priority, type Verb } from '@setlist/contracts';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { SteerFlags, Wish } from '../commands/steer.ts';
import type { ExitCode } from '../exit-codes.ts';
import { untilStopped } from '../stopping.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Ended, examples, SET } from './command.ts';
import { itemNumbers } from './item-numbers.ts';
import { dataOption, jsonOption, serverOption } from './options.ts';

interface Wording {
  readonly summary: string;
  readonly description: string;
  readonly example: string;
}

const WORDINGS: Readonly<Record<Verb, Wording>> = {
  pause: {
    summary: 'begin nothing further of a set until it is resumed',
    description: 'Pauses a set: calls under way end and are kept, nothing further is begun or paid.',
    example: 'setlist pause book --why "the voice is not approved yet"',
  },
  resume: {
    summary: 'let a paused set go on',
    description: 'Resumes a paused set where it stopped.',
    example: 'setlist resume book',
  },
  cancel: {
    summary: 'end a set: nothing further is paid',
    description: 'Cancels a set for good: calls under way end and are kept, nothing further is paid.',
    example: 'setlist cancel book-20260105t090000-k3f9q2 --why "wrong text"',
  },
  retry: {
    summary: 'ask for the failed items of an ended set again',
    description: 'Opens a new round of an ended set: of all its failed items, or of those that are named.',
    example: 'setlist retry book --item 7,12',
  },
  prioritize: {
    summary: 'give a set more or fewer turns than others',
    description:
      'Changes a set’s share where several wait for the same quota: high, normal and low get turns as 4 : 2 : 1, and none is kept waiting for ever.',
    example: 'setlist prioritize book high',
  },
};

const { who, why } = COMMANDS.pause.shape;

/** What the tracker would take for it. */
const as =
  (schema: typeof who) =>
  (text: string): string => {
    const read = schema.safeParse(text);
    if (read.success) return read.data;
    throw new InvalidArgumentError(`Write 1 to ${schema.maxLength} characters.`);
  };

function steeringCommand<V extends Verb>(verb: V): Command {
  const { summary, description, example } = WORDINGS[verb];
  return new Command(verb)
    .summary(summary)
    .description(description)
    .argument('<set>', SET)
    .addOption(new Option('--why <text>', 'the reason, kept in the log').argParser(as(why.unwrap())))
    .addOption(
      new Option('--as <who>', 'who wants it, kept in the log; USER@HOST unless given').argParser(as(who)),
    )
    .addOption(dataOption())
    .addOption(serverOption())
    .addOption(jsonOption('print the answer as a line of JSON'))
    .addHelpText('after', examples(example));
}

const simply =
  (verb: Exclude<Verb, 'prioritize' | 'retry'>) =>
  (here: Surroundings, ended: Ended): Command =>
    steeringCommand(verb).action(async (set: string, flags: SteerFlags) =>
      ended(await steerBy({ verb }, set, flags, here)),
    );

interface RetryFlags extends SteerFlags {
  readonly item?: readonly number[];
}

const retry = (here: Surroundings, ended: Ended): Command =>
  steeringCommand('retry')
    .addOption(
      new Option(
        '--item <number>',
        'only these of the failed items, by their numbers in "setlist status": 7, or 7,12 or 20-30; may be repeated',
      ).argParser(itemNumbers),
    )
    .action(async (set: string, { item, ...flags }: RetryFlags) =>
      ended(await steerBy({ verb: 'retry', ...(item && { indexes: [...item] }) }, set, flags, here)),
    );

const prioritize = (here: Surroundings, ended: Ended): Command =>
  steeringCommand('prioritize')
    .addArgument(new Argument('<priority>', 'its new priority').choices([...PRIORITIES]))
    .action(async (set: string, priority: Priority, flags: SteerFlags) =>
      ended(await steerBy({ verb: 'prioritize', priority }, set, flags, here)),
    );

async function steerBy(wish: Wish, set: string, flags: SteerFlags, here: Surroundings): Promise<ExitCode> {
  const { steer } = await import('../commands/steer.ts');
  return untilStopped(here, () => steer(wish, set, flags, here));
}

/** In the order in which the help shows them. */
export const STEERING_COMMANDS = [
  simply('pause'),
  simply('resume'),
  simply('cancel'),
  retry,
  prioritize,
] as const;
