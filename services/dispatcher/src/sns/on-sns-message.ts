/** Handles one message of SNS: a notification that a task ended, a subscription to confirm, or something to refuse. */
import { jsonIn } from '@setlist/contracts';
import { type Logger, RecentMap } from '@setlist/runtime';
import { isFresh, type SnsConfirmation, type SnsMessage, snsMessage, taskIn } from './message.ts';
import { fetchFromSns, isConfirmation, isSigningCertificate, SigningKeys, type SnsTrust } from './trust.ts';

export interface SnsInboxOptions {
  /** The topic whose messages are accepted. */
  readonly topic: string;
  readonly trust: SnsTrust;
  /** ms since 1970. */
  now(): number;
  /** Called when a trusted message says that a task has ended. */
  readonly onTask: (taskId: string) => void;
  readonly logger: Logger;
}

/** The HTTP status to answer, and why. SNS redelivers a message that is answered with 5xx. */
export interface Answer {
  readonly status: 200 | 400 | 403 | 502;
  readonly why: string;
  /** What failed here, if the message itself was not at fault. */
  readonly error?: unknown;
}

const refused = (why: string): Answer => ({ status: 403, why });

/** How many message ids are remembered: a repeat of a forgotten one only costs one more look-up. */
const REMEMBERED = 100_000;

export class SnsInbox {
  readonly #options: SnsInboxOptions;
  readonly #keys: SigningKeys;
  /** Ids of the messages that were taken. */
  readonly #seen = new RecentMap<string, true>(REMEMBERED);

  constructor(options: SnsInboxOptions) {
    this.#options = options;
    this.#keys = new SigningKeys(options.trust);
  }

  async take(body: string): Promise<Answer> {
    const parsed = snsMessage.safeParse(jsonIn(body));
    if (!parsed.success) return { status: 400, why: 'not an SNS message' };
    const message = parsed.data;
    const now = this.#options.now();
    if (message.TopicArn !== this.#options.topic) return refused('a topic that is not ours');
    if (!isFresh(message, now)) return refused('too old, or from the future');
    if (!isSigningCertificate(message.SigningCertURL, message.TopicArn, this.#options.trust))
      return refused('a certificate from elsewhere');
    try {
      if (!(await this.#keys.signed(message, now))) return refused('not signed by SNS');
    } catch (error) {
      return { status: 502, why: 'its certificate could not be fetched', error };
    }
    if (this.#seen.has(message.MessageId)) return { status: 200, why: 'taken before' };
    this.#seen.set(message.MessageId, true);
    return this.#act(message);
  }

  async #act(message: SnsMessage): Promise<Answer> {
    if (message.Type === 'Notification') {
      const taskId = taskIn(message);
      if (taskId === undefined) return { status: 200, why: 'not about a task' };
      this.#options.onTask(taskId);
      return { status: 200, why: 'taken' };
    }
    if (message.Type === 'UnsubscribeConfirmation') {
      this.#options.logger.warn(
        { topic: message.TopicArn },
        'a topic no longer sends notifications; polling continues',
      );
      return { status: 200, why: 'noted' };
    }
    return this.#confirm(message);
  }

  async #confirm(message: SnsConfirmation): Promise<Answer> {
    const { SubscribeURL: address, TopicArn: topic, MessageId: id } = message;
    const { logger, trust } = this.#options;
    if (!isConfirmation(message, trust)) return refused('a confirmation that points elsewhere');
    try {
      await fetchFromSns(address, topic, trust);
      logger.info({ topic }, 'subscribed to a topic');
      return { status: 200, why: 'confirmed' };
    } catch (error) {
      this.#seen.delete(id);
      return { status: 502, why: 'its subscription could not be confirmed', error };
    }
  }
}
