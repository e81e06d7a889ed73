/** A watched folder on disk, in which renaming a file claims it. */
import type { Stats } from 'node:fs';
import { access, constants, lstat, mkdir, open, readdir, rename, unlink, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import {
  CLAIMED_FOLDER,
  type Drop,
  dropOf,
  dropOfEntry,
  isSetFile,
  openPlainFile,
  PLACED_FOLDER,
} from '@setlist/admission';
import { messageOf, orGone } from '@setlist/runtime';
import type { Look } from '../domain/settling.ts';

/**
 * The folders of an inbox:
 *
 *     inbox/x.yml ──claim──▶ .claimed/<run>~x.yml ──▶ done/x.yml
 *     .placed/<run>~x.yml ──────▲                 └─▶ rejected/x.yml, with its report
 */
export const FOLDERS = {
  claimed: CLAIMED_FOLDER,
  placed: PLACED_FOLDER,
  done: 'done',
  rejected: 'rejected',
} as const;

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
    }: ErrorOptions & { readonly remedy?: string | undefined } = {},
  ) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** Ingest has no right to read a file in an inbox. */
export class FileUnreadable extends Error {
  override readonly name = 'FileUnreadable';
  readonly code = 'file-unreadable';
  readonly remedy = 'Give the user that runs ingest the right to read the file: ingest then takes it.';
}

/** A file that may become a drop. */
interface Candidate extends Look {
  readonly name: string;
}

/**
 * Makes the missing folders and checks that files can be written there and moved from each to the next. Others can
 * write in an inbox too, so their links are never followed. All probes have the same name: the next one removes what a
 * crash left, and replicas that start together can take the probe from each other.
 */
export async function prepareInbox(inbox: string): Promise<void> {
  const folders = Object.values(FOLDERS).map((folder) => join(inbox, folder));
  try {
    for (const folder of folders) await makeFolder(folder);
    let probe = join(inbox, PROBE);
    await writeFile(probe, '', { flag: 'wx' }).catch(unlessThere);
    for (const folder of folders) {
      await orGone(rename(probe, join(folder, PROBE)));
      probe = join(folder, PROBE);
    }
    await orGone(unlink(probe));
  } catch (error) {
    if (error instanceof InboxUnusable) throw error;
    const remedy = codeOf(error) === 'EXDEV' ? ON_ONE_FILE_SYSTEM : undefined;
    const message = `${inbox} can't be used as an inbox: ${messageOf(error)}`;
    throw new InboxUnusable(message, { cause: error, remedy });
  }
}

const PROBE = '.probe';

const ON_ONE_FILE_SYSTEM =
  'Mount the inbox as a whole: files move between its folders, which mounts of their own would prevent.';

/** Throws if there is no folder, or it can't be written to; changes nothing. */
export async function checkInbox(inbox: string): Promise<void> {
  // With a separator at its end, a file is not taken for a folder.
  await access(join(inbox, sep), constants.W_OK);
}

/** For a file of which another replica's, or one that a crash left, does just as well. */
export function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/**
 * Writes a file that must not exist yet, for replicas of other users to read whatever the umask is. What a full disk has
 * no room for is removed again.
 */
export async function writeNew(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    // Network file systems may say only now that the disk is full.
    await file.sync();
  } catch (error) {
    await unlink(path);
    throw error;
  }
  // Shares have rights of their own.
  await file.chmod(0o644).catch(() => undefined);
}

export async function makeFolder(path: string): Promise<void> {
  await refuseLink(path);
  await mkdir(path, { recursive: true });
}

async function refuseLink(path: string): Promise<void> {
  if (!(await orGone(lstat(path)))?.isSymbolicLink()) return;
  const remedy = 'Put a folder in its place: ingest never moves files through a link.';
  throw new InboxUnusable(`${path} is a link`, { remedy });
}

/** Throws if one of the folders has become a link since {@link prepareInbox}. */
export async function refuseLinks(inbox: string): Promise<void> {
  for (const folder of Object.values(FOLDERS)) await refuseLink(join(inbox, folder));
}

/** The folders in which new files can appear. */
export const watchedFolders = (inbox: string): string[] => [inbox, join(inbox, FOLDERS.placed)];

export interface Listing {
  readonly candidates: Candidate[];
  /** Visible files that are not set files or not named in UTF-8, and links: never touched. */
  readonly ignored: string[];
  /** Visible folders that are not the inbox's own: never searched. */
  readonly folders: string[];
}

const OWN_FOLDERS = new Set<string>(Object.values(FOLDERS));

/** What Node puts into a name in place of bytes that are not UTF-8; no file is found under such a name. */
const UNDECODABLE = '\ufffd';

/** The entries of the inbox itself. */
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
 * Claims a file of the inbox under a run id. Undefined if it is gone, since another replica or its owner was faster, or
 * if it has changed since it was listed. Throws, and leaves the file where its owner sees it, if it can't be read
 * ({@link FileUnreadable}) or is not a plain file (any more).
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

/** A stat on a network mount may be seconds old; opening the file asks the server. */
async function opened(path: string): Promise<Stats> {
  await using file = await openPlainFile(path);
  return await file.stat();
}

/** The result of reading a file. Throws a {@link FileUnreadable} if ingest has no right to. */
export async function readable<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') throw error;
    throw new FileUnreadable(`${path} can't be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Claims all files that were placed with a run id of their own. */
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

/** All claimed files, whichever replica claimed them. */
export async function listClaimed(inbox: string): Promise<Drop[]> {
  const entries = await readdir(join(inbox, FOLDERS.claimed));
  return entries.flatMap((entry) => dropOfEntry(inbox, entry) ?? []);
}

export const claimedPath = ({ inbox, entry }: Drop): string => join(inbox, FOLDERS.claimed, entry);

export const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
