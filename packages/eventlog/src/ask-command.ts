/** Sends a command to the tracker. */
import { type Command, type CommandAnswer, commandAnswer, commandSubject } from '@setlist/contracts';
import type { EventLog } from './event-log.ts';

/** The tracker takes a few seconds to list the failed items of a large set. */
const ANSWER_TIMEOUT_MS = 30_000;

/** @throws NobodyAnswers if no tracker listens */
export const askCommand = async (log: Pick<EventLog, 'ask'>, command: Command): Promise<CommandAnswer> =>
  commandAnswer.parse(await log.ask(commandSubject(command.verb), command, ANSWER_TIMEOUT_MS));
