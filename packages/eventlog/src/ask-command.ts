/** A command to the tracker, from whoever gives it. */
import { type Command, type CommandAnswer, commandAnswer, commandSubject } from '@setlist/contracts';
import type { EventLog } from './event-log.ts';

/** Naming the failed items of a large set takes the tracker a few seconds. */
const ANSWER_TIMEOUT_MS = 30_000;

/** @throws NobodyAnswers where no tracker listens */
export const askCommand = async (log: Pick<EventLog, 'ask'>, command: Command): Promise<CommandAnswer> =>
  commandAnswer.parse(await log.ask(commandSubject(command.verb), command, ANSWER_TIMEOUT_MS));
