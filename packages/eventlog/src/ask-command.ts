/** Sends a command to the tracker. */
import { type Command, type CommandAnswer, commandAnswer, commandSubject } from '@setlist/contracts';
import { BrokerUnavailable } from './connection/broker-unavailable.ts';
import type { EventLog } from './event-log.ts';

/** The tracker takes a few seconds to list the failed items of a large set. */
const ANSWER_TIMEOUT_MS = 30_000;

/** How long the tracker tries to carry out a command, in ms: its last try ends, and is told, while the asker waits. */
export const COMMAND_TRIED_FOR_MS = 20_000;

/** The code of the answer that the broker confirmed nothing in that time. */
export const NOT_CONFIRMED = 'broker-unavailable';

/** @throws NobodyAnswers if no tracker listens, and BrokerUnavailable if nothing is answered, or nothing confirmed */
export async function askCommand(log: Pick<EventLog, 'ask'>, command: Command): Promise<CommandAnswer> {
  const answer = commandAnswer.parse(await log.ask(commandSubject(command.verb), command, ANSWER_TIMEOUT_MS));
  if (answer.ok || answer.code !== NOT_CONFIRMED) return answer;
  throw new BrokerUnavailable(answer.message, { cause: undefined, remedy: answer.remedy });
}
