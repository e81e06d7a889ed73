/** The commands that steer a set, as they appear on the command line. */
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
    summary: 'pause a set',
    description:
      'Pauses a set: calls in flight finish and their audio is kept, nothing new is started or paid for.',
    example: 'setlist pause book --why "the voice is not approved yet"',
  },
  resume: {
    summary: 'resume a paused set',
    description: 'Resumes a paused set where it stopped.',
    example: 'setlist resume book',
  },
  cancel: {
    summary: 'cancel a set for good',
    description:
      'Cancels a set for good: calls in flight finish and their audio is kept, nothing more is paid for.',
    example: 'setlist cancel book-20260105t090000-k3f9q2 --why "wrong text"',
  },
  retry: {
    summary: 'retry the failed items of a set that has ended',
    description:
      'Starts a new round of a set that has ended, for all its failed items or only for the given ones.',
    example: 'setlist retry book --item 7,12',
  },
  prioritize: {
    summary: 'change the priority of a set',
    description:
      'Changes a set’s share while several sets wait for the same quota: high, normal and low get turns in the ratio 4 : 2 : 1, so none waits forever.',
    example: 'setlist prioritize book high',
  },
};

const ACCEPTED = `${SET} that was not refused`;
const OPEN = `${SET} that has not ended, or else the newest that was not refused`;

const { who, why } = COMMANDS.pause.shape;

/** Accepts the texts that the tracker's own schema accepts. */
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
    .argument('<set>', verb === 'retry' ? ACCEPTED : OPEN)
    .addOption(new Option('--why <text>', 'the reason, recorded in the log').argParser(as(why.unwrap())))
    .addOption(
      new Option('--as <who>', 'who asks for it, recorded in the log; by default USER@HOST').argParser(
        as(who),
      ),
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
        'only these failed items, by their numbers in "setlist status": 7, 7,12 or 20-30; can be repeated',
      ).argParser(itemNumbers),
    )
    .action(async (set: string, { item, ...flags }: RetryFlags) =>
      ended(await steerBy({ verb: 'retry', ...(item && { indexes: [...item] }) }, set, flags, here)),
    );

const prioritize = (here: Surroundings, ended: Ended): Command =>
  steeringCommand('prioritize')
    .addArgument(new Argument('<priority>', 'the new priority').choices([...PRIORITIES]))
    .action(async (set: string, priority: Priority, flags: SteerFlags) =>
      ended(await steerBy({ verb: 'prioritize', priority }, set, flags, here)),
    );

async function steerBy(wish: Wish, set: string, flags: SteerFlags, here: Surroundings): Promise<ExitCode> {
  const { steer } = await import('../commands/steer.ts');
  return untilStopped(here, () => steer(wish, set, flags, here));
}

/** In the order the help shows them. */
export const STEERING_COMMANDS = [
  simply('pause'),
  simply('resume'),
  simply('cancel'),
  retry,
  prioritize,
] as const;
