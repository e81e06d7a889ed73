/** Sends a command to the tracker. */
import {
  type Command,
  type CommandAnswer,
  commandAnswer,
  commandSubject,
  type Verb,
} from '@setlist/contracts';
import { BrokerUnavailable } from './connection/broker-unavailable.ts';
import type { EventLog } from './event-log.ts';

/** How long to wait for an answer, in ms: before a retry, the tracker reads all outcomes of the set, perhaps a million. */
export const answerTimeoutMs = (verb: Verb): number => (verb === 'retry' ? 120_000 : 30_000);

/** How long the tracker tries to append a command's event, in ms: its last try ends, and is told, while the asker waits. */
export const COMMAND_TRIED_FOR_MS = 20_000;

/** The code of the answer that the broker confirmed nothing in that time. */
export const NOT_CONFIRMED = 'broker-unavailable';

/** @throws NobodyAnswers if no tracker listens, and BrokerUnavailable if nothing is answered, or nothing confirmed */
export async function askCommand(log: Pick<EventLog, 'ask'>, command: Command): Promise<CommandAnswer> {
  const answer = commandAnswer.parse(
    await log.ask(commandSubject(command.verb), command, answerTimeoutMs(command.verb)),
  );
  if (answer.ok || answer.code !== NOT_CONFIRMED) return answer;
  throw new BrokerUnavailable(answer.message, { cause: undefined, remedy: answer.remedy });
}
