/** Saves and restores whole streams with JetStream's own snapshots: messages, sequences, times and consumers. */
import {
  EVENTS_STREAM,
  REQUESTS_BUCKET_STREAM,
  restoreStreamSubject,
  SETS_BUCKET_STREAM,
  snapshotStreamSubject,
  subjects,
} from '@setlist/contracts';
import { messageOf, settlesWithin } from '@setlist/runtime';
import {
  createInbox,
  Events,
  JSONCodec,
  type Msg,
  type NatsConnection,
  type StreamConfig,
  type StreamState,
} from 'nats';
import { BrokerUnavailable } from '../connection/broker-unavailable.ts';
import { type Connection, untilAnswered } from '../connection/connection.ts';
import { isStreamMissing } from '../connection/failures.ts';

/** The streams that a backup contains, the log first. Quotas and permits are stale within a minute, so they are not. */
export const BACKED_UP_STREAMS = [EVENTS_STREAM, SETS_BUCKET_STREAM, REQUESTS_BUCKET_STREAM] as const;

/** What a restore has to know about a snapshot, as JSON. */
export interface SnapshotHead {
  readonly stream: string;
  readonly config: StreamConfig;
  readonly state: StreamState;
}

/** How long to wait for a broker that sends or accepts nothing, in ms. */
const SILENCE_MS = 30_000;
/** In ms, where the broker goes through the whole stream before it answers: to check, unpack or purge it. */
const WHOLE_STREAM_TIMEOUT_MS = 30 * 60_000;
const CHUNK_BYTES = 128 * 1_024;

/** The broker could not take or restore a snapshot. */
class SnapshotRefused extends BrokerUnavailable {
  constructor(stream: string, what: string, cause?: unknown) {
    const why = cause === undefined ? '' : `: ${messageOf(cause)}`;
    super(`the broker could not ${what} ${stream}${why}`, { cause, remedy: CORRECT });
  }
}

const CORRECT =
  'Correct what the message names, which the broker’s own log may explain further, and run the command again. If it names bad messages, the log is damaged: see what "setlist audit verify" finds, and keep the earlier backups.';

type Answer = { readonly error?: { readonly description: string } };
const json = JSONCodec<Answer & Record<string, unknown>>();

async function ask(
  connection: Connection,
  subject: string,
  question: unknown,
  timeout: number,
): Promise<Record<string, unknown>> {
  const answered = connection.nc.request(subject, JSON.stringify(question), { timeout });
  const message = await unlessLost(connection, answered);
  const answer = json.decode(message.data);
  if (answer.error) throw new Error(answer.error.description);
  return answer;
}

/** Fails once the connection is lost: the broker will not answer on another one. */
const unlessLost = <T>({ nc }: Connection, answer: Promise<T>): Promise<T> =>
  Promise.race([answer, untilLost(nc)]);

async function untilLost(nc: NatsConnection): Promise<never> {
  for await (const { type } of nc.status()) if (type === Events.Disconnect) break;
  throw new BrokerUnavailable('the connection to the broker was lost', { cause: undefined });
}

/**
 * Takes a consistent snapshot of a stream. The broker sends the next chunk when the previous one was consumed.
 * @throws BrokerUnavailable if the broker refuses or stops answering
 */
export async function takeSnapshot(
  connection: Connection,
  stream: string,
): Promise<{ head: SnapshotHead; chunks: AsyncGenerator<Uint8Array> }> {
  const inbox = createInbox();
  const pieces = connection.nc.subscribe(inbox);
  try {
    const question = {
      deliver_subject: inbox,
      chunk_size: CHUNK_BYTES,
      // With this, 2.10 checks every block, so that a damaged log is not backed up unnoticed; 2.15 backed one up.
      jsck: true,
    };
    const answer = await ask(connection, snapshotStreamSubject(stream), question, WHOLE_STREAM_TIMEOUT_MS);
    const { config, state } = answer as { config?: StreamConfig; state?: StreamState };
    if (!config || !state) throw new Error('its answer lacks the configuration or the state');
    const chunks = piecesOf(pieces[Symbol.asyncIterator](), stream, () => pieces.unsubscribe());
    return { head: { stream, config, state }, chunks };
  } catch (error) {
    pieces.unsubscribe();
    throw new SnapshotRefused(stream, 'take a snapshot of', error);
  }
}

/** Yields the chunks. An empty message marks the end; one with an error status says why the rest is missing. */
async function* piecesOf(
  messages: AsyncIterator<Msg>,
  stream: string,
  release: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const next = await withinSilence(messages.next(), stream);
      if (next.done) throw new SnapshotRefused(stream, 'finish the snapshot of');
      const message = next.value;
      if (message.data.length === 0) {
        const { code = 0, description = '' } = message.headers ?? {};
        if (code >= 400) throw new SnapshotRefused(stream, 'finish the snapshot of', new Error(description));
        return;
      }
      yield message.data;
      message.respond();
    }
  } finally {
    release();
  }
}

async function withinSilence<T>(answer: Promise<T>, stream: string): Promise<T> {
  if (await settlesWithin(SILENCE_MS, answer)) return await answer;
  const seconds = SILENCE_MS / 1_000;
  throw new BrokerUnavailable(`the broker sent nothing for ${seconds} s during the snapshot of ${stream}`, {
    cause: undefined,
  });
}

/** Whether a stream has ever held a message: opening the log on a new broker creates the streams empty. */
export const hasBegun = async (connection: Connection, stream: string): Promise<boolean> =>
  ((await lastSeqIn(connection, stream)) ?? 0) > 0;

/** The stream's last sequence: 0 if it has never held a message, nothing if there is no such stream. */
export async function lastSeqIn(
  { jsm }: Connection,
  stream: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  try {
    return (await untilAnswered(() => jsm.streams.info(stream), signal)).state.last_seq;
  } catch (error) {
    if (isStreamMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Restores a stream from its snapshot: the same messages with the same sequences and times. It replaces a stream that
 * has never held a message; any other stream of that name makes it fail.
 * @param changes to the configuration
 * @throws BrokerUnavailable if the broker refuses or stops answering
 */
export async function restoreSnapshot(
  connection: Connection,
  { stream, config, state }: SnapshotHead,
  chunks: AsyncIterable<Uint8Array>,
  changes: Partial<StreamConfig>,
): Promise<void> {
  try {
    if ((await lastSeqIn(connection, stream)) === 0) await connection.jsm.streams.delete(stream);
    const question = { config: { ...config, ...changes }, state };
    const answer = await ask(connection, restoreStreamSubject(stream), question, SILENCE_MS);
    const to = String(answer.deliver_subject);
    // One chunk after the other: the broker answers each when it has written it.
    for await (const chunk of chunks) await connection.nc.request(to, chunk, { timeout: SILENCE_MS });
    const last = connection.nc.request(to, new Uint8Array(), { timeout: WHOLE_STREAM_TIMEOUT_MS });
    const { error } = json.decode((await unlessLost(connection, last)).data);
    if (error) throw new Error(error.description);
  } catch (error) {
    throw new SnapshotRefused(stream, 'restore', error);
  }
}

/**
 * Purges a set's events from a log that was restored with purges allowed and is not in use yet.
 * @returns how many events were purged
 */
export async function takeOutSet(connection: Connection, setId: string): Promise<number> {
  const timeout = WHOLE_STREAM_TIMEOUT_MS;
  const patient = await connection.nc.jetstreamManager({ checkAPI: false, timeout });
  const purge = patient.streams.purge(EVENTS_STREAM, { filter: subjects.ofSet(setId) });
  return (await unlessLost(connection, purge)).purged;
}
