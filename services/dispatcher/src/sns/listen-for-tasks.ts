/** Has a task checked as soon as SNS says that it ended, instead of at the next poll. */
import { type Logger, Rarely } from '@setlist/runtime';
import type { DispatcherConfig } from '../config.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { openSnsEndpoint, type SnsEndpoint } from './endpoint.ts';
import { SnsInbox } from './on-sns-message.ts';
import type { SnsTrust } from './trust.ts';

export interface TaskNewsDeps {
  readonly tasks: Iterable<Tasks>;
  readonly trust: SnsTrust;
  now(): number;
  readonly logger: Logger;
  readonly draining: AbortSignal;
}

/** How long a warning is not repeated, in ms: anyone who can reach the endpoint can cause it. */
const SAID_FOR_MS = 600_000;

/** @returns undefined if no topic or no address is set */
export async function listenForTasks(
  config: DispatcherConfig,
  { tasks, trust, now, logger, draining }: TaskNewsDeps,
): Promise<SnsEndpoint | undefined> {
  const { TASK_TOPIC: topic, SNS_LISTEN: address, SNS_TLS_CERT: certFile, SNS_TLS_KEY: keyFile } = config;
  if (topic === undefined || address === undefined) return undefined;
  const all = [...tasks];
  const onTask = (taskId: string): void => {
    for (const each of all) {
      each.look(taskId).catch((error: unknown) => {
        if (!draining.aborted)
          logger.warn(
            { taskId, err: error },
            'could not check a task that SNS says has ended; polling continues',
          );
      });
    }
  };
  const rarely = new Rarely(SAID_FOR_MS);
  const warn = (facts: object, message: string): void => {
    if (rarely.isDue(message)) logger.warn(facts, message);
  };
  const inbox = new SnsInbox({ topic, trust, now, onTask, logger });
  const take = async (body: string) => {
    const answer = await inbox.take(body);
    const { status, why, error } = answer;
    if (status !== 200) warn({ status, err: error }, `a message to the SNS endpoint was refused: ${why}`);
    return answer;
  };
  const tls = certFile === undefined || keyFile === undefined ? {} : { tls: { certFile, keyFile } };
  const onError = (error: unknown): void => warn({ err: error }, 'a request to the SNS endpoint broke off');
  const endpoint = await openSnsEndpoint({ ...address, ...tls, take, onError });
  logger.info({ event: 'sns-listening', port: endpoint.port, topic }, 'listening for SNS');
  return endpoint;
}
