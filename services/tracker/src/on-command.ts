/** Answers the commands by which a set is steered: any tracker may, since each decision names what it was made on. */
import { isDeepStrictEqual } from 'node:util';
import {
  COMMANDS,
  type Command,
  type CommandAnswer,
  commandSubject,
  type EventName,
  isOpen,
  type Reason,
  type SetSummary,
  setKey,
  subjects,
  VERBS,
  type Verb,
} from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { count, type Logger, sleep } from '@setlist/runtime';
import { z } from 'zod';
import { countOutcomes } from './adapters/count-outcomes.ts';
import { readFailures } from './adapters/read-failures.ts';
import { readLife, traceOfSet } from './adapters/set-in-log.ts';
import { decideCommand, type Facts, type Steering } from './domain/decide-command.ts';
import type { SetLife } from './domain/set-life.ts';

export interface CommandOptions {
  readonly log: EventLog;
  readonly logger: Logger;
}

/** Whoever looks a set up after its command was answered finds it done; a fold that is far behind is not waited for. */
const SEEN_WITHIN_MS = 1_000;
const LOOK_EVERY_MS = 25;

/** A set whose life goes on between reading it and deciding, so many times, is left to be commanded again. */
const TRIES = 8;
const BETWEEN_TRIES_MS = 20;

/** Answers until disposed. What fails without an answer is logged, and runs into the asker's time-out. */
export function answerCommands(options: CommandOptions): AsyncDisposable {
  const { log, logger } = options;
  const answering = VERBS.map((verb) => {
    const onError = (error: unknown): void =>
      logger.error({ event: 'command-failed', verb, err: error }, `A command to ${verb} got no answer.`);
    return log.answer(commandSubject(verb), (question) => onCommand(verb, question, options), onError);
  });
  return {
    [Symbol.asyncDispose]: async () =>
      void (await Promise.all(answering.map((one) => one[Symbol.asyncDispose]()))),
  };
}

/** The subject says which command it is: whoever may only pause can't have it mean something else. */
async function onCommand(verb: Verb, question: unknown, options: CommandOptions): Promise<CommandAnswer> {
  const command = COMMANDS[verb].safeParse(question);
  if (!command.success) {
    return no({
      code: 'invalid-command',
      message: `The command can't be read: ${z.prettifyError(command.error)}`,
      remedy: 'Use a "setlist" of the same version as the running system.',
    });
  }
  const answer = await carryOut(options.log, command.data);
  const { who, setId } = command.data;
  const entry = { event: 'command', verb, set: setId, who };
  if (answer.ok)
    options.logger.info({ ...entry, did: answer.did, seq: answer.seq }, `${verb}: ${answer.did}`);
  else options.logger.info({ ...entry, code: answer.code }, `${verb}: refused, ${answer.code}`);
  return answer;
}

/** Reads, decides, and appends by compare-and-set on the last event of the life that was decided on. */
async function carryOut(log: EventLog, command: Command): Promise<CommandAnswer> {
  const { setId } = command;
  for (let tries = 1; tries <= TRIES; tries++) {
    const life = await readLife(log, setId);
    const decision = decideCommand(command, life, await factsFor(log, command, life));
    switch (decision.kind) {
      case 'refused':
        return no(decision.reason);
      case 'in-force': {
        const { did, seq, items } = decision;
        return done(setId, did, { seq, already: true, items });
      }
      case 'append': {
        const { event } = decision;
        const seq = await appended(log, event);
        const items = event.name === 'SetRetried' ? event.data.items : undefined;
        if (seq !== undefined) {
          await readersSee(log, setId, seq);
          return done(setId, event.name, { seq, already: false, items });
        }
        await sleep(BETWEEN_TRIES_MS * tries);
        break;
      }
      default:
        decision satisfies never;
    }
  }
  return no({
    code: 'set-moved-on',
    message: `So much happened to the set at once that the command could not be placed, ${TRIES} times.`,
    remedy: 'Look at it with "setlist status", and give the command again.',
  });
}

/**
 * The event's place, or nothing where something else came first. The log knows a repeated append by its id,
 * which two commands of the same moment share: what is stored there tells whose it is.
 */
async function appended(log: EventLog, event: Steering): Promise<number | undefined> {
  const setId = event.setId ?? '';
  const traceparent = await traceOfSet(log, setId);
  const placed = traceparent === undefined ? event : { ...event, traceparent };
  const result = await log.append(placed, { lastSeq: event.data.afterSeq });
  if (result.kind === 'conflict') return undefined;
  const stored = await log.first(subjects.state(setId), result.seq);
  if (!isDeepStrictEqual(stored?.event?.data, event.data)) return undefined;
  count('setEvents', 1, { event: event.name });
  return result.seq;
}

/** Returns once the projection has the event, or has not had it for {@link SEEN_WITHIN_MS}. */
async function readersSee(log: EventLog, setId: string, seq: number): Promise<void> {
  const until = performance.now() + SEEN_WITHIN_MS;
  while (performance.now() < until) {
    const projected = await log.sets.get<SetSummary>(setKey(setId));
    if (projected && projected.value.lastSeq >= seq) return;
    await sleep(LOOK_EVERY_MS);
  }
}

async function factsFor(log: EventLog, command: Command, life: SetLife | undefined): Promise<Facts> {
  const now = log.clock.now();
  const soFar =
    command.verb === 'cancel' && life && isOpen(life.summary)
      ? await countOutcomes(log, life.summary)
      : NOTHING_COUNTED;
  if (command.verb !== 'retry' || life?.summary.state !== 'completed') {
    return { now, soFar, ...NOTHING_FAILED };
  }
  return { now, soFar, ...(await readFailures(log, command, life.summary)) };
}

const NOTHING_COUNTED = {
  counts: { total: 0, completed: 0, failed: 0, paid: 0, reused: 0, recovered: 0 },
};
const NOTHING_FAILED = { failed: new Set<number>(), askable: new Set<number>() };

const no = (reason: Reason): CommandAnswer => ({ ok: false, ...reason });

function done(
  setId: string,
  did: EventName,
  { seq, already, items }: { seq: number; already: boolean; items: number | undefined },
): CommandAnswer {
  return { ok: true, setId, did, seq, already, ...(items === undefined ? {} : { items }) };
}
