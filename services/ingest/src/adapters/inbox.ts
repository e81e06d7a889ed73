/** A watched folder on disk: who renames a file owns it, and what has been dealt with moves on, never over another. */
import type { Stats } from 'node:fs';
import { link, lstat, mkdir, readdir, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Drop,
  dropOf,
  dropOfEntry,
  isSetFile,
  nameWithRun,
  openPlainFile,
  orGone,
  PLACED_FOLDER,
} from '@setlist/admission';
import { messageOf } from '@setlist/runtime';
import type { Look } from '../domain/settling.ts';

/**
 * The folders of an inbox:
 *
 *     inbox/x.yml ──claim──▶ .claimed/<run>~x.yml ──▶ done/x.yml
 *     .placed/<run>~x.yml ──────▲                 └─▶ rejected/x.yml, with its report
 */
const FOLDERS = { claimed: '.claimed', placed: PLACED_FOLDER, done: 'done', rejected: 'rejected' } as const;

/** A folder can't be used as an inbox. */
class InboxUnusable extends Error {
  override readonly name = 'InboxUnusable';
  readonly code = 'inbox-unusable';
  readonly remedy: string;
  constructor(
    message: string,
    {
      remedy = 'Give the user that runs ingest the right to write in this folder, or set INBOX to another one.',
      ...options
    }: ErrorOptions & { readonly remedy?: string } = {},
  ) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** A file that lies in an inbox may not be read. */
export class FileUnreadable extends Error {
  override readonly name = 'FileUnreadable';
  readonly code = 'file-unreadable';
  readonly remedy = 'Give the user that runs ingest the right to read the file: it is then taken.';
}

/** A file that may become a drop. */
interface Candidate extends Look {
  readonly name: string;
}

/**
 * Makes the folders that are missing and finds out whether files can be written and renamed there. Others may write in an
 * inbox too: no link of theirs is followed. The probe has one name for all: what a crash leaves of it goes with the next, and
 * replicas that start together may take it from each other.
 */
export async function prepareInbox(inbox: string): Promise<void> {
  const probe = join(inbox, FOLDERS.claimed, '.probe');
  try {
    for (const folder of Object.values(FOLDERS)) await makeFolder(join(inbox, folder));
    await writeFile(probe, '', { flag: 'wx' }).catch(unlessThere);
    await orGone(rename(probe, `${probe}-renamed`));
    await orGone(unlink(`${probe}-renamed`));
  } catch (error) {
    if (error instanceof InboxUnusable) throw error;
    throw new InboxUnusable(`${inbox} can't be used as an inbox: ${messageOf(error)}`, { cause: error });
  }
}

/** Another replica's, or what a crash has left: it is renamed and taken away just the same. */
function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

async function makeFolder(path: string): Promise<void> {
  if ((await orGone(lstat(path)))?.isSymbolicLink()) {
    const remedy = 'Put a folder in its place: nothing is claimed or filed away through a link.';
    throw new InboxUnusable(`${path} is a link`, { remedy });
  }
  await mkdir(path, { recursive: true });
}

/** Folders in which something new may appear. */
export const watchedFolders = (inbox: string): string[] => [inbox, join(inbox, FOLDERS.placed)];

export interface Listing {
  readonly candidates: Candidate[];
  /** Visible files that are no set files or not named in UTF-8, and links: never touched. */
  readonly ignored: string[];
  /** Visible folders that are none of ours: never looked into. */
  readonly folders: string[];
}

const OWN_FOLDERS = new Set<string>(Object.values(FOLDERS));

/** What a name holds in place of bytes that are no UTF-8: by such a name no file is found. */
const UNDECODABLE = '\ufffd';

/** What lies in the inbox itself. */
export async function listInbox(inbox: string): Promise<Listing> {
  const candidates: Candidate[] = [];
  const ignored: string[] = [];
  const folders: string[] = [];
  for (const { name } of await readdir(inbox, { withFileTypes: true })) {
    if (name.startsWith('.')) continue;
    const found = await orGone(lstat(join(inbox, name)));
    if (found === undefined) {
      if (name.includes(UNDECODABLE)) ignored.push(name);
      continue;
    }
    if (found.isDirectory()) {
      if (!OWN_FOLDERS.has(name)) folders.push(name);
    } else if (found.isFile() && isSetFile(name)) candidates.push(candidateOf(name, found));
    else ignored.push(name);
  }
  return { candidates, ignored, folders };
}

const candidateOf = (name: string, { size, mtimeMs, ctimeMs }: Stats): Candidate => ({
  name,
  bytes: size,
  modifiedMs: mtimeMs,
  changedMs: ctimeMs,
});

/**
 * Takes a file of the inbox under a run id. Nothing if it is gone: another replica, or its owner, was faster; nor if it is
 * another one than was looked at. Throws a {@link FileUnreadable}, and leaves the file where its owner sees it; so it does
 * with what is no plain file any more.
 */
export async function claim(
  inbox: string,
  { name, bytes, modifiedMs }: Pick<Candidate, 'name' | 'bytes' | 'modifiedMs'>,
  run: string,
): Promise<Drop | undefined> {
  const drop = dropOf(inbox, { run }, name);
  const path = join(inbox, name);
  const found = await readable(path, orGone(opened(path)));
  if (found?.size !== bytes || found.mtimeMs !== modifiedMs) return undefined;
  const taken = await orGone(rename(path, claimedPath(drop)).then(() => true));
  return taken ? drop : undefined;
}

/** A look at a network mount may be seconds old; opening a file asks the server. */
async function opened(path: string): Promise<Stats> {
  await using file = await openPlainFile(path);
  return await file.stat();
}

/** What reading a file comes to. Throws a {@link FileUnreadable} where we may not. */
export async function readable<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') throw error;
    throw new FileUnreadable(`${path} can't be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Takes everything that was placed with a run id of its own. */
export async function claimPlaced(inbox: string): Promise<Drop[]> {
  const drops: Drop[] = [];
  for (const entry of await readdir(join(inbox, FOLDERS.placed))) {
    const drop = dropOfEntry(inbox, entry);
    if (drop === undefined) continue;
    const from = join(inbox, FOLDERS.placed, entry);
    if (await orGone(rename(from, claimedPath(drop)).then(() => true))) drops.push(drop);
  }
  return drops;
}

/** Everything that is claimed, by whomever. */
export async function listClaimed(inbox: string): Promise<Drop[]> {
  const entries = await readdir(join(inbox, FOLDERS.claimed));
  return entries.flatMap((entry) => dropOfEntry(inbox, entry) ?? []);
}

export const claimedPath = ({ inbox, entry }: Drop): string => join(inbox, FOLDERS.claimed, entry);

/**
 * Moves a claimed file to where it ends, under its own name or, where that is taken, with the run id in it. May be
 * repeated after a crash at any point. `beforeGone` runs with the final path while the claim still stands, so that what
 * it writes is there before the claim is gone.
 */
export async function fileAway(
  drop: Drop,
  to: 'done' | 'rejected',
  beforeGone: (path: string) => Promise<void> = async () => {},
): Promise<void> {
  const folder = join(drop.inbox, FOLDERS[to]);
  const claimed = claimedPath(drop);
  const own = join(folder, drop.fileName);
  if (await linked(claimed, own)) {
    await beforeGone(own);
    await orGone(unlink(claimed));
    return;
  }
  // Another replica may have filed it away: nothing is to be written beside what isn't there.
  if ((await orGone(lstat(claimed))) === undefined) return;
  const withRun = join(folder, nameWithRun(drop));
  await beforeGone(withRun);
  await orGone(rename(claimed, withRun));
}

/**
 * A link claims the name without ever replacing another file, which a rename would. It stands for a moment only.
 * False where the name is taken, or the file system has no links.
 */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') return false;
    const [a, b] = await Promise.all([orGone(lstat(from)), orGone(lstat(to))]);
    return a !== undefined && a.ino === b?.ino && a.dev === b.dev;
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
