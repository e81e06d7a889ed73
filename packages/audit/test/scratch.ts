/** A scratch broker with an edited copy of a log: a live broker refuses such edits. */
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENTS_STREAM, EVENTS_STREAM_SUBJECTS, SETS_BUCKET } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { rebuildProjections } from '@setlist/sets';
import { folderObjectStore } from '@setlist/storage';
import { eventually } from '@setlist/testkit';
import { expect } from 'vitest';
import { type Finding, repair } from '../src/index.ts';
import { type RawNats, rawNats } from './raw-nats.ts';
import { type History, openWorld, tellHistory, type World } from './world.ts';

/** One message of the log, to be edited. */
export interface Message {
  readonly subject: string;
  /** The CloudEvents document; bytes where it is not supposed to be one. */
  readonly event: CloudEvent | Uint8Array;
  /** When it was first stored; missing for an invented message. */
  readonly time?: Date;
}

export interface CloudEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly [attribute: string]: unknown;
}

export interface Scratch extends AsyncDisposable {
  readonly world: World;
  readonly history: History;
  /** The clean log. */
  readonly messages: readonly Message[];
  /** Replaces the log with this one, and makes projections, manifests and audio fit it. */
  load(messages: readonly Message[]): Promise<void>;
  /** Deletes one message, as only a broker without our stream's protection allows. */
  deleteMessage(seq: number): Promise<void>;
  /** Overwrites a projection with this, JSON or not. */
  overwrite(key: string, text: string): Promise<void>;
}

export async function openScratch(): Promise<Scratch> {
  await using stack = new AsyncDisposableStack();
  const original = stack.use(await openWorld());
  const history = await tellHistory(original);
  const messages: Message[] = [];
  for await (const { subject, raw, time } of original.log.read({})) {
    messages.push({ subject, event: JSON.parse(Buffer.from(raw).toString()) as CloudEvent, time });
  }
  let times: readonly Date[] = [];
  const log = withTimes(original.log, (seq) => times[seq - 1]);
  const world: World = { ...original, log, verify: (options) => original.verify({ log, ...options }) };
  const pristine = join(world.folder, 'pristine');
  for (const part of ['store', 'out'])
    await cp(join(world.folder, part), join(pristine, part), { recursive: true });
  const nats = stack.use(await rawNats(world.nats.url));
  const open = stack.move();
  return {
    world,
    history,
    messages,
    async load(edited) {
      await replaceStream(nats, edited);
      times = timesOf(edited);
      await rm(world.snapshots.folder, { recursive: true, force: true });
      for (const part of ['store', 'out']) {
        await rm(join(world.folder, part), { recursive: true, force: true });
        await mkdir(join(world.folder, part));
        await cp(join(pristine, part), join(world.folder, part), { recursive: true });
      }
      await rebuildProjections(world.log);
      const differs = { code: 'manifest-differs', where: { set: history.tour.id } } as Finding;
      await repair([differs], {
        log: world.log,
        outputAt: (uri) => folderObjectStore(new URL(uri).pathname),
      });
    },
    deleteMessage: async (seq) => {
      await nats.request(`$JS.API.STREAM.MSG.DELETE.${EVENTS_STREAM}`, JSON.stringify({ seq }));
    },
    overwrite: async (key, text) => void (await nats.request(`$KV.${SETS_BUCKET}.${key}`, text)),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** The log as if every message had been stored at another time, such as when it was first stored. */
export function withTimes(log: EventLog, timeAt: (seq: number) => Date | undefined): EventLog {
  const timed = <R extends Recorded | undefined>(record: R): R =>
    record && { ...record, time: timeAt(record.seq) ?? record.time };
  return {
    ...log,
    first: async (subject, fromSeq) => timed(await log.first(subject, fromSeq)),
    last: async (subject) => timed(await log.last(subject)),
    at: async (seq) => timed(await log.at(seq)),
    async *read(selection) {
      for await (const record of log.read(selection)) yield timed(record);
    },
  };
}

/** An invented message has the time of the message before it. */
function timesOf(messages: readonly Message[]): Date[] {
  let last = new Date(0);
  return messages.map(({ time }) => {
    if (time && time > last) last = time;
    return last;
  });
}

async function replaceStream(nats: RawNats, messages: readonly Message[]): Promise<void> {
  await emptyStream(nats);
  for (const { subject, event } of messages) {
    await nats.request(subject, event instanceof Uint8Array ? event : JSON.stringify(event));
  }
}

/**
 * Deletes the stream and creates it again. The broker moves a deleted stream's files aside and removes them in the
 * background; until then it can't move others there, and a new stream begins with the messages of the last.
 */
async function emptyStream(nats: RawNats): Promise<void> {
  const config = {
    name: EVENTS_STREAM,
    subjects: EVENTS_STREAM_SUBJECTS,
    storage: 'file',
    retention: 'limits',
    allow_direct: true,
    num_replicas: 1,
  };
  await eventually(async () => {
    // Gone already if an earlier try could not create it.
    await nats.request(`$JS.API.STREAM.DELETE.${EVENTS_STREAM}`, '').catch(() => undefined);
    const created = await nats.request(`$JS.API.STREAM.CREATE.${EVENTS_STREAM}`, JSON.stringify(config));
    expect(created).toMatchObject({ state: { last_seq: 0 } });
  });
}
