/** A broker, a log and notifiers for tests; everything ends with the stack. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EventOf, type SetlistEvent, subjects } from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { createLogger, loadConfig } from '@setlist/runtime';
import {
  eventually,
  type S3Server,
  startNats,
  startS3,
  type TestNats,
  temporaryFolder,
} from '@setlist/testkit';
import { vi } from 'vitest';
import { type Channel, createNotifier, notifierConfig } from '../src/index.ts';

/** Settings under which a retry takes milliseconds. */
export const QUICK = { RETRY_BASE: '20ms', RETRY_CAP: '100ms', ACK_WAIT: '1s', SMTP_TIMEOUT: '5s' };

export interface Harness extends AsyncDisposable {
  readonly nats: TestNats;
  readonly log: EventLog;
  /** The test's own folder. */
  readonly folder: string;
  /** Every log entry of the notifiers so far. */
  readonly entries: readonly Record<string, unknown>[];
  /** Appends to a set's life. */
  happened(...events: readonly SetlistEvent[]): Promise<void>;
  /** Starts a notifier in this process; the returned function stops it, waiting for as long as `stopWithinMs` at most. */
  notifier(
    settings: Record<string, string>,
    channels?: readonly Channel[],
    stopWithinMs?: number,
  ): () => Promise<void>;
  /** Moves the clock of all notifiers on. */
  moveOn(ms: number): void;
  /** The note about an event and channel, once it is there. */
  noteOf(
    event: SetlistEvent,
    channel: string,
  ): Promise<EventOf<'NotificationSent'> | EventOf<'NotificationFailed'>>;
}

export async function startHarness(): Promise<Harness> {
  await using starting = new AsyncDisposableStack();
  const nats = starting.use(await startNats());
  const log = starting.use(await openEventLog({ servers: nats.url, name: 'test' }));
  const folder = starting.use(await temporaryFolder()).path;
  const stack = starting.move();
  const entries: Record<string, unknown>[] = [];
  let aheadMs = 0;
  const withClock = (own: EventLog): EventLog => ({
    ...own,
    clock: { ...own.clock, now: () => own.clock.now() + aheadMs },
  });
  const destination = { write: (line: string) => void entries.push(JSON.parse(line)) };

  return {
    nats,
    log,
    folder,
    entries,
    async happened(...events) {
      for (const event of events) {
        const last = await log.last(subjects.state(event.setId ?? ''));
        await log.append(event, { lastSeq: last?.seq ?? 0 });
      }
    },
    notifier(settings, channels, stopWithinMs) {
      const stopping = new AbortController();
      const config = loadConfig(notifierConfig, { NATS_URL: nats.url, ...QUICK, ...settings });
      const logger = createLogger({ service: 'notifier', level: 'debug', destination, pretty: false });
      const own = openEventLog({ servers: nats.url, name: 'notifier' });
      const more = { ...(channels && { channels }), ...(stopWithinMs && { stopWithinMs }) };
      const running = own.then((log) =>
        createNotifier(config, { log: withClock(log), logger, ...more }).run(stopping.signal),
      );
      const stop = async () => {
        stopping.abort();
        await running;
        await (await own)[Symbol.asyncDispose]();
      };
      stack.defer(stop);
      return stop;
    },
    moveOn: (ms) => {
      aheadMs += ms;
    },
    async noteOf(event, channel) {
      const subject = subjects.notice(event.setId ?? '', event.id, channel);
      const record = await eventually(async () => (await log.last(subject)) ?? null);
      const note = record.event;
      if (note?.name === 'NotificationSent' || note?.name === 'NotificationFailed') return note;
      throw new Error(`${subject} holds ${note?.name ?? record.problem?.message}`);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Starts a notifier with a file of these channels; the returned function stops it. */
export async function notifierOf(
  world: Harness,
  channels: object,
  settings: Record<string, string> = {},
): Promise<() => Promise<void>> {
  const file = join(world.folder, 'channels.json');
  await writeFile(file, JSON.stringify({ channels }));
  return world.notifier({ CHANNELS_FILE: file, ...settings });
}

/** Starts S3, SNS and SQS on loopback, which the SDK finds by its environment until the stack ends. */
export async function startAws(stack: AsyncDisposableStack): Promise<S3Server> {
  const aws = stack.use(await startS3());
  for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value);
  stack.defer(() => void vi.unstubAllEnvs());
  return aws;
}
