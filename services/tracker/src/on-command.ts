/** Answers commands to steer sets. Any tracker can, since each decision names the event that it is based on. */
import { isDeepStrictEqual } from 'node:util';
import {
  COMMANDS,
  type Command,
  type CommandAnswer,
  commandSubject,
  type EventName,
  isOpen,
  type Reason,
  subjects,
  VERBS,
  type Verb,
} from '@setlist/contracts';
import { answerTimeoutMs, BrokerUnavailable, type EventLog, NOT_CONFIRMED } from '@setlist/eventlog';
import { count, type Logger, sleep } from '@setlist/runtime';
import { summaryOf, untilFoldedTo } from '@setlist/sets';
import { z } from 'zod';
import { countOutcomes } from './adapters/count-outcomes.ts';
import { readFailures } from './adapters/read-failures.ts';
import { readLife, traceOfSet } from './adapters/set-in-log.ts';
import { decideCommand, type Facts, type Steering } from './domain/decide-command.ts';
import type { SetLife } from './domain/set-life.ts';

export interface CommandOptions {
  readonly log: EventLog;
  readonly logger: Logger;
  /** For how long a command's event is tried to be appended, in ms: then its asker will soon stop waiting. */
  readonly triedForMs: number;
  /** How long an answer waits for the set's projection to show the change, in ms: not for a fold that is far behind. */
  readonly seenWithinMs: number;
}

/** How long the last try of an append and the answer may take, in ms: the asker is to get the answer. */
const TO_ANSWER_MS = 10_000;
/** For how long a late cancel is still tried, in ms: enough for one try. Any other late command is not carried out. */
const LATE_TRY_MS = 1_000;

/** How often a decision is tried if the set's life moves on between reading and deciding. */
const TRIES = 8;
const BETWEEN_TRIES_MS = 20;

/** Answers until disposed. A command that fails without an answer is logged, and times out at the asker. */
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

/** The subject decides the command: a client that is only permitted to pause can't send another. */
async function onCommand(verb: Verb, question: unknown, options: CommandOptions): Promise<CommandAnswer> {
  const command = COMMANDS[verb].safeParse(question);
  if (!command.success) {
    return no({
      code: 'invalid-command',
      message: `The command can't be read: ${z.prettifyError(command.error)}`,
      remedy: 'Use a "setlist" of the same version as the running system.',
    });
  }
  const answer = await carryOutInTime(command.data, options);
  const { who, setId } = command.data;
  const entry = { event: 'command', verb, set: setId, who };
  if (answer.ok)
    options.logger.info({ ...entry, did: answer.did, seq: answer.seq }, `${verb}: ${answer.did}`);
  else options.logger.info({ ...entry, code: answer.code }, `${verb}: refused, ${answer.code}`);
  return answer;
}

/** Appends an event of a command, for as long as its asker waits. */
type Append = EventLog['append'];

/** Nothing was sent: the set took so long to read that its asker will soon stop waiting. */
class TooLate extends Error {
  override readonly name = 'TooLate';
}

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';

async function carryOutInTime(command: Command, options: CommandOptions): Promise<CommandAnswer> {
  const { log, triedForMs } = options;
  const askedUntil = performance.now() + answerTimeoutMs(command.verb) - TO_ANSWER_MS;
  // Each append has its time, since reading a large set before it takes a while.
  const append: Append = async (event, expected) => {
    const leftMs = askedUntil - performance.now();
    if (leftMs <= 0 && command.verb !== 'cancel') throw new TooLate();
    const forMs = Math.min(triedForMs, Math.max(LATE_TRY_MS, leftMs));
    return await log.append(event, expected, AbortSignal.timeout(Math.ceil(forMs)));
  };
  try {
    return await carryOut(options, command, append);
  } catch (error) {
    if (error instanceof TooLate) {
      return no({
        code: 'took-too-long',
        message: 'Reading the set took too long, so the command was not carried out: nothing was changed.',
        remedy: 'Give the command again in a few minutes.',
      });
    }
    if (!isTimeout(error) && !(error instanceof BrokerUnavailable)) throw error;
    // The broker may have stored a write that it did not answer.
    return no({
      code: NOT_CONFIRMED,
      message: `The command was not confirmed in time: ${log.trouble()?.message ?? 'the broker is slow'}.`,
      remedy:
        'When the broker takes writes again, look at the set with "setlist status"; if the command has not taken effect, give it again.',
    });
  }
}

/** Reads the set's life, decides, and appends by compare-and-set on the last event that was read. */
async function carryOut(
  { log, seenWithinMs }: CommandOptions,
  command: Command,
  append: Append,
): Promise<CommandAnswer> {
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
        const seq = await appended(log, event, append);
        const items = event.name === 'SetRetried' ? event.data.items : undefined;
        if (seq !== undefined) {
          // So that readers see the change.
          await untilFoldedTo(() => summaryOf(log.sets, setId), seq, seenWithinMs);
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
    message: `The set kept changing, so that the command failed ${TRIES} times.`,
    remedy: 'Check the set with "setlist status", then give the command again.',
  });
}

/**
 * Appends the event. Two simultaneous commands share an id, by which the log deduplicates: only the stored event tells
 * whose it is.
 * @returns its sequence, or undefined if another event came first
 */
async function appended(log: EventLog, event: Steering, append: Append): Promise<number | undefined> {
  const setId = event.setId ?? '';
  const traceparent = await traceOfSet(log, setId);
  const placed = traceparent === undefined ? event : { ...event, traceparent };
  const result = await append(placed, { lastSeq: event.data.afterSeq });
  if (result.kind === 'conflict') return undefined;
  const stored = await log.first(subjects.state(setId), result.seq);
  if (!isDeepStrictEqual(stored?.event?.data, event.data)) return undefined;
  count('setEvents', 1, { event: event.name });
  return result.seq;
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
