/**
 * Keeps an inbox to the ingests of one log: with two logs, every file would be made, and paid for, twice. While they watch
 * an inbox, they touch a note in it that names their log. A note that is not touched was left by a crash. We measure that
 * time ourselves, since clocks can differ.
 *
 *     .watched ── names another log ──▶ is touched: refused
 *        │                          └─▶ is not, for 15 s: replaced
 *        └─ is missing, or names this log ──▶ written, touched every 2 s, and removed at the end
 */
import { randomUUID } from 'node:crypto';
import { lstat, lutimes, rename, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openPlainFile } from '@setlist/admission';
import { jsonIn, LOG_ID_KEY } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { type Logger, orGone, sleep, sleepAtMost, unlessAborted } from '@setlist/runtime';
import { prepareInbox } from './inbox.ts';

const NOTE = '.watched';
const MOST_BYTES = 1_024;
const TOUCH_EVERY_MS = 2_000;
const SILENT_FOR_MS = 15_000;
const LOOK_EVERY_MS = 100;

/** Ingest of another log watches the inbox. */
class InboxTaken extends Error {
  override readonly name = 'InboxTaken';
  readonly code = 'inbox-taken';
  readonly remedy =
    'Stop the other system, "setlist up" or ingest, or give this one an inbox of its own with --inbox or INBOX.';
  constructor(inbox: string, { host }: Note) {
    const where = host === undefined ? '' : ` on ${host}`;
    super(`${inbox} is watched by a system${where} with another log: both would pay for every file`);
  }
}

/** Names nothing if it can't be read. */
interface Note {
  readonly log?: string;
  readonly host?: string;
  readonly touchedMs: number;
}

interface Taking {
  readonly log: Pick<EventLog, 'quota'>;
  readonly logger: Logger;
  /** Ends the wait with its reason. */
  readonly signal: AbortSignal;
  /** How long to watch a note of another log for a touch, in ms; 15 s if not given. */
  readonly silentForMs?: number;
}

/**
 * Prepares inboxes and takes them for the ingests of a log.
 * @returns the log's id
 * @throws InboxTaken if those of another log watch one; InboxUnusable; the signal's reason
 */
export async function takeInboxes(inboxes: readonly string[], { log, ...taking }: Taking): Promise<string> {
  await Promise.all(inboxes.map(prepareInbox));
  const id = await unlessAborted(idOf(log), taking.signal);
  await Promise.all(inboxes.map((inbox) => takeInbox(inbox, id, taking)));
  return id;
}

/** The same for all replicas; a restored or new log has another. */
async function idOf(log: Taking['log']): Promise<string> {
  const known = await log.quota.get<string>(LOG_ID_KEY);
  if (known) return known.value;
  await log.quota.replace(LOG_ID_KEY, randomUUID(), 0);
  return await idOf(log);
}

async function takeInbox(
  inbox: string,
  log: string,
  { logger, signal, silentForMs = SILENT_FOR_MS }: Omit<Taking, 'log'>,
): Promise<void> {
  const begun = performance.now();
  const first = await noteIn(inbox);
  if (first && first.log !== log) {
    const message = `${inbox} was watched by a system with another log: waiting for up to ${silentForMs / 1_000} s to see whether it still is`;
    logger.warn({ event: 'inbox-watched', inbox }, message);
  }
  for (let note = first; note && note.log !== log; note = await noteIn(inbox)) {
    if (note.touchedMs !== first?.touchedMs) throw new InboxTaken(inbox, note);
    if (performance.now() - begun >= silentForMs) break;
    await sleep(LOOK_EVERY_MS, signal);
  }
  await write(inbox, log);
}

/** Inboxes that are held, until disposed of. */
interface Held extends AsyncDisposable {
  /** Rejects with an {@link InboxTaken} when ingest of another log has taken one, as it can if this one was frozen. */
  readonly lost: Promise<never>;
}

/** Takes inboxes and holds them; undefined if the signal aborts before. Throws as {@link takeInboxes} does. */
export async function holdInboxes(inboxes: readonly string[], taking: Taking): Promise<Held | undefined> {
  const log = await takeInboxes(inboxes, taking).catch((error: unknown) => {
    if (!taking.signal.aborted) throw error;
  });
  if (log === undefined) return undefined;
  const ending = new AbortController();
  const { promise: lost, reject } = Promise.withResolvers<never>();
  lost.catch(() => undefined);
  const holding = inboxes.map((inbox) => hold(inbox, log, ending.signal).catch(reject));
  return {
    lost,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await Promise.all(holding);
      // The other replicas write it again.
      for (const inbox of inboxes) await leave(inbox, log).catch(() => undefined);
    },
  };
}

async function hold(inbox: string, log: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // While the inbox can't be used, whoever watches it says so.
    const note = await renewed(inbox, log).catch(() => undefined);
    if (note?.log !== undefined && note.log !== log) throw new InboxTaken(inbox, note);
    await sleepAtMost(TOUCH_EVERY_MS, signal);
  }
}

/** Touches the note, or writes it again, unless it names another log. @returns what was found */
async function renewed(inbox: string, log: string): Promise<Note | undefined> {
  const note = await noteIn(inbox);
  const now = new Date();
  if (note === undefined) await write(inbox, log);
  // One that a replica under another user left can't be touched, but replaced.
  else if (note.log === log) await lutimes(join(inbox, NOTE), now, now).catch(() => write(inbox, log));
  return note;
}

async function leave(inbox: string, log: string): Promise<void> {
  if ((await noteIn(inbox))?.log === log) await unlink(join(inbox, NOTE));
}

async function noteIn(inbox: string): Promise<Note | undefined> {
  const path = join(inbox, NOTE);
  const found = await orGone(lstat(path));
  return found && { ...(await contentOf(path)), touchedMs: found.mtimeMs };
}

async function contentOf(path: string): Promise<Omit<Note, 'touchedMs'>> {
  try {
    await using file = await openPlainFile(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES);
    return { ...(jsonIn(buffer.toString('utf8', 0, bytesRead)) as Note) };
  } catch {
    return {};
  }
}

/** Moved to its place, so that it is never seen half written and no link is followed. */
async function write(inbox: string, log: string): Promise<void> {
  const draft = join(inbox, `${NOTE}.${randomUUID()}`);
  await writeFile(draft, JSON.stringify({ log, host: hostname() }), { flag: 'wx' });
  await rename(draft, join(inbox, NOTE));
}
