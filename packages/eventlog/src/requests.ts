/** Request and reply between services, and hints that something on a subject changed. */
import { jsonIn } from '@setlist/contracts';
import { settlesWithin } from '@setlist/runtime';
import { type Msg, NatsError } from 'nats';
import { BrokerUnavailable } from './connection/broker-unavailable.ts';
import type { Connection } from './connection/connection.ts';

/** Nobody who could answer is running. */
export class NobodyAnswers extends Error {
  override readonly name = 'NobodyAnswers';
  readonly code = 'nobody-answers';
  readonly remedy = 'Start the service that answers (see `setlist doctor`), then try again.';
}

/** Asks, and waits for one answer. Throws {@link NobodyAnswers} at once where no service listens. */
export async function ask(
  connection: Connection,
  subject: string,
  question: unknown,
  timeoutMs = 5_000,
): Promise<unknown> {
  try {
    const message = await connection.nc.request(subject, JSON.stringify(question), { timeout: timeoutMs });
    return JSON.parse(message.string());
  } catch (error) {
    if (error instanceof NatsError && error.code === '503') {
      throw new NobodyAnswers(`nobody answers on ${subject}`, { cause: error });
    }
    throw error instanceof NatsError
      ? new BrokerUnavailable(`no answer on ${subject} within ${timeoutMs} ms`, { cause: error })
      : error;
  }
}

/** How long the end waits for the answers that are under way, in ms: they may be waiting for a broker that is away. */
const LAST_ANSWERS_MS = 2_000;

/**
 * Answers questions until disposed, once or more often, which ends with what was asked until then answered; of several replicas one answers
 * each. A question that is no JSON comes as nothing at all. A handler that throws leaves the question to the asker's time-out
 * and is reported to `onError`.
 */
export function answer(
  connection: Connection,
  subject: string,
  handler: (question: unknown) => Promise<unknown>,
  onError: (error: unknown) => void,
): AsyncDisposable {
  const underWay = new Set<Promise<void>>();
  const subscription = connection.nc.subscribe(subject, {
    queue: 'answers',
    callback: (failure, message) => {
      if (failure) return onError(failure);
      const answered = reply(message, handler)
        .catch(onError)
        .finally(() => underWay.delete(answered));
      underWay.add(answered);
    },
  });
  const end = async (): Promise<void> => {
    if (!connection.nc.isClosed()) await subscription.drain();
    await Promise.all(underWay);
  };
  let ended: Promise<boolean> | undefined;
  return {
    async [Symbol.asyncDispose]() {
      ended ??= settlesWithin(LAST_ANSWERS_MS, end());
      await ended;
    },
  };
}

async function reply(message: Msg, handler: (question: unknown) => Promise<unknown>): Promise<void> {
  message.respond(JSON.stringify(await handler(jsonIn(message.string()))));
}

/**
 * Calls back whenever something is published on a subject. A hint only: what is published may yet be refused
 * by the log, and a hint may be missed while the broker restarts; so look, and look again now and then.
 */
export function onHint(connection: Connection, subject: string, callback: () => void): Disposable {
  const subscription = connection.nc.subscribe(subject, { callback: () => callback() });
  return { [Symbol.dispose]: () => subscription.unsubscribe() };
}
