/**
 * Keeps an inbox to the ingests of one log: with two logs, every file would be made, and paid for, twice. A note in the
 * inbox names its log. It stays there when ingest ends, since other replicas may be running.
 */
import { randomUUID } from 'node:crypto';
import { link, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openPlainFile } from '@setlist/admission';
import { jsonIn, LOG_ID_KEY } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { unlessAborted } from '@setlist/runtime';
import { codeOf, prepareInbox, unlessThere, writeNew } from './inbox.ts';

const NOTE = '.watched';
const MOST_BYTES = 1_024;

/** Names no log if it can't be read: it then counts as another log's. */
interface Note {
  readonly log?: string;
  readonly host?: string;
}

/** An inbox belongs to another log. */
class InboxTaken extends Error {
  override readonly name = 'InboxTaken';
  readonly code = 'inbox-taken';
  readonly remedy: string;
  constructor(inbox: string, { host }: Note) {
    const where = host === undefined ? '' : ` on ${host}`;
    super(`${inbox} belongs to a system${where} with another log: both would pay for every file`);
    this.remedy = `Stop that system, or give this one an inbox of its own with --inbox or INBOX. If that system is gone for good, remove ${join(inbox, NOTE)}.`;
  }
}

/**
 * Prepares inboxes and takes them for a log.
 * @returns what gives them back, for a system that is alone on its log
 * @throws InboxTaken, InboxUnusable, the signal's reason
 */
export async function takeInboxes(
  inboxes: readonly string[],
  log: Pick<EventLog, 'coordination'>,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  await Promise.all(inboxes.map(prepareInbox));
  const id = await unlessAborted(idOf(log), signal);
  const refuse = (inbox: string, note: Note | undefined): void => {
    if (note && note.log !== id) throw new InboxTaken(inbox, note);
  };
  // A start that is refused one inbox leaves no note in the others.
  for (const inbox of inboxes) refuse(inbox, await noteIn(inbox));
  for (const inbox of inboxes) refuse(inbox, (await noteIn(inbox)) ?? (await leaveNote(inbox, id)));
  return async () => {
    for (const inbox of inboxes) {
      // What can't be removed doesn't stop this log's next start.
      if ((await noteIn(inbox))?.log === id) await unlink(join(inbox, NOTE)).catch(() => undefined);
    }
  };
}

/** The same for all replicas; a restored or new log has another. */
async function idOf(log: Pick<EventLog, 'coordination'>): Promise<string> {
  const known = await log.coordination.get<string>(LOG_ID_KEY);
  if (known) return known.value;
  await log.coordination.replace(LOG_ID_KEY, randomUUID(), 0);
  return await idOf(log);
}

async function noteIn(inbox: string): Promise<Note | undefined> {
  try {
    await using file = await openPlainFile(join(inbox, NOTE));
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES));
    return (jsonIn(buffer.toString('utf8', 0, bytesRead)) ?? {}) as Note;
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? undefined : {};
  }
}

/** Leaves a whole note, unless another start was faster. @returns the note that is there then */
async function leaveNote(inbox: string, log: string): Promise<Note> {
  const note = join(inbox, NOTE);
  const draft = `${note}.${randomUUID()}`;
  const content = JSON.stringify({ log, host: hostname() });
  await writeNew(draft, content);
  try {
    // Some file systems have no links: whoever reads half a note there is refused, until the next try.
    await link(draft, note)
      .catch(() => writeNew(note, content))
      .catch(unlessThere);
  } finally {
    await unlink(draft);
  }
  return (await noteIn(inbox)) ?? {};
}
