/** Whole streams to bytes and back, by JetStream's own snapshot: messages with their sequences and times, and consumers. */
import {
  EVENTS_STREAM,
  REQUESTS_BUCKET_STREAM,
  restoreStreamSubject,
  SETS_BUCKET_STREAM,
  snapshotStreamSubject,
  subjects,
} from '@setlist/contracts';
import { settlesWithin } from '@setlist/runtime';
import { createInbox, JSONCodec, type Msg, type StreamConfig, type StreamState } from 'nats';
import { BrokerUnavailable } from '../connection/broker-unavailable.ts';
import { type Connection, isStreamMissing, untilAnswered } from '../connection/connection.ts';

/** The streams that a backup holds, the log first. Quotas and permits are worth nothing a minute later. */
export const BACKED_UP_STREAMS = [EVENTS_STREAM, SETS_BUCKET_STREAM, REQUESTS_BUCKET_STREAM] as const;

/** What a restore has to be told of a snapshot, as JSON. */
export interface SnapshotHead {
  readonly stream: string;
  readonly config: StreamConfig;
  readonly state: StreamState;
}

const REQUEST_TIMEOUT_MS = 30_000;
/** A broker that sends or takes nothing for so long is given up. */
const SILENCE_MS = 30_000;
const CHUNK_BYTES = 128 * 1_024;
/** The broker rewrites every block that holds something of the set, and answers when it is done. */
const PURGE_TIMEOUT_MS = 30 * 60_000;

/** The broker could not do what was asked of it. */
class SnapshotRefused extends BrokerUnavailable {
  constructor(stream: string, what: string, cause?: unknown) {
    super(`the broker could not ${what} ${stream}`, { cause });
  }
}

type Answer = { readonly error?: { readonly description: string } };
const json = JSONCodec<Answer & Record<string, unknown>>();

async function ask(
  connection: Connection,
  subject: string,
  question: unknown,
): Promise<Record<string, unknown>> {
  const message = await connection.nc.request(subject, JSON.stringify(question), {
    timeout: REQUEST_TIMEOUT_MS,
  });
  const answer = json.decode(message.data);
  if (answer.error) throw new Error(answer.error.description);
  return answer;
}

/**
 * Takes a consistent snapshot of a stream. The broker sends the next piece when the one before has been taken.
 * @throws BrokerUnavailable where the broker refuses or falls silent
 */
export async function takeSnapshot(
  connection: Connection,
  stream: string,
): Promise<{ head: SnapshotHead; chunks: AsyncGenerator<Uint8Array> }> {
  const inbox = createInbox();
  const pieces = connection.nc.subscribe(inbox);
  try {
    const answer = await ask(connection, snapshotStreamSubject(stream), {
      deliver_subject: inbox,
      chunk_size: CHUNK_BYTES,
      // Every block is read and checked on the way: a backup of a damaged log must not come about unnoticed.
      jsck: true,
    });
    const { config, state } = answer as { config?: StreamConfig; state?: StreamState };
    if (!config || !state) throw new Error('it names neither configuration nor state');
    const chunks = piecesOf(pieces[Symbol.asyncIterator](), stream, () => pieces.unsubscribe());
    return { head: { stream, config, state }, chunks };
  } catch (error) {
    pieces.unsubscribe();
    throw new SnapshotRefused(stream, 'take a snapshot of', error);
  }
}

/** An empty piece is the end; one with a status tells why there will be none. */
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

/** Whether a stream is there. */
export const hasStream = async (
  connection: Connection,
  stream: string,
  signal?: AbortSignal,
): Promise<boolean> => (await lastSeqIn(connection, stream, signal)) !== undefined;

/** Whether a stream has ever held anything: whoever connects to a new broker makes the streams, and leaves them empty. */
export const hasBegun = async (connection: Connection, stream: string): Promise<boolean> =>
  ((await lastSeqIn(connection, stream)) ?? 0) > 0;

/** 0 where it has never held anything; nothing where there is no such stream. */
async function lastSeqIn(
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
 * Makes a stream from its snapshot: the same messages with the same sequences and times. One that has never held anything
 * gives way to it; any other must not be there.
 * @param changes of the configuration, for the time until whoever restores has finished
 */
export async function restoreSnapshot(
  connection: Connection,
  { stream, config, state }: SnapshotHead,
  chunks: AsyncIterable<Uint8Array>,
  changes: Partial<StreamConfig> = {},
): Promise<void> {
  try {
    if ((await lastSeqIn(connection, stream)) === 0) await connection.jsm.streams.delete(stream);
    const answer = await ask(connection, restoreStreamSubject(stream), {
      config: { ...config, ...changes },
      state,
    });
    const to = String(answer.deliver_subject);
    // One piece after the other: the broker answers each when it has written it.
    for await (const chunk of chunks) await connection.nc.request(to, chunk, { timeout: SILENCE_MS });
    const last = await connection.nc.request(to, new Uint8Array(), { timeout: SILENCE_MS });
    const { error } = json.decode(last.data);
    if (error) throw new Error(error.description);
  } catch (error) {
    throw new SnapshotRefused(stream, 'restore', error);
  }
}

/** Takes a set's events out of a log that was restored without its promises: never of one that is in use. */
export async function takeOutSet({ nc }: Connection, setId: string): Promise<number> {
  const patient = await nc.jetstreamManager({ checkAPI: false, timeout: PURGE_TIMEOUT_MS });
  const { purged } = await patient.streams.purge(EVENTS_STREAM, { filter: subjects.ofSet(setId) });
  return purged;
}
