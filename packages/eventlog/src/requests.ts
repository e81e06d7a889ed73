/** Request and reply between services, and hints that a subject changed. */
import { jsonIn } from '@setlist/contracts';
import { settlesWithin } from '@setlist/runtime';
import { type Msg, NatsError } from 'nats';
import { BrokerUnavailable } from './connection/broker-unavailable.ts';
import type { Connection } from './connection/connection.ts';

/** No service that could answer is running. */
export class NobodyAnswers extends Error {
  override readonly name = 'NobodyAnswers';
  readonly code = 'nobody-answers';
  readonly remedy = 'Start the service that answers (see `setlist doctor`), then try again.';
}

/**
 * Sends a question and waits for one answer.
 * @throws NobodyAnswers at once if no service listens, and BrokerUnavailable if no answer comes in time
 */
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

/** How long disposal waits for answers in progress, in ms: they can be waiting for an unreachable broker. */
const LAST_ANSWERS_MS = 2_000;

/**
 * Answers questions until disposed. Disposal waits for the questions received so far, and can be repeated. Of several
 * replicas, one answers each question. A question that is not JSON reaches the handler as undefined. An error of the
 * handler goes to `onError`, and the asker times out.
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
 * Calls back whenever something is published on a subject. This is only a hint: the log can still refuse the message,
 * and hints are lost while the broker restarts. So callers check the log, and also check it periodically.
 */
export function onHint(connection: Connection, subject: string, callback: () => void): Disposable {
  const subscription = connection.nc.subscribe(subject, { callback: () => callback() });
  return { [Symbol.dispose]: () => subscription.unsubscribe() };
}
