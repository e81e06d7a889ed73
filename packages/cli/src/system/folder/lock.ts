/**
 * Lets one process at a time work in a data folder. The lock is the file `lock.<n>` with the highest n; it contains the
 * id of the process that took it. A dead holder's lock is taken over by creating `lock.<n+1>`, which only one can do.
 *
 *     lock.4 (dead) ── two see it ──▶ link lock.5: one succeeds, the other finds lock.5 alive and is refused
 *
 * A holder in another container or on another machine is not visible: it touches its lock every two seconds, and counts
 * as dead after fifteen seconds without a touch. We measure that time ourselves, since clocks can differ.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jsonIn } from '@setlist/contracts';
import { orGoneSync } from '@setlist/runtime';
import { missing } from '../../failure.ts';
import { freedInTime, type Holder, nameOf, type Patience, usedElsewhere } from './lock-holder.ts';
import { identityOf, isAlive, isElsewhere } from './process-identity.ts';

interface LockFile {
  readonly number: number;
  readonly path: string;
  /** A released lock's name can be used again, by another process: only the content tells the two apart. */
  readonly content: string;
}

export interface Lock extends Disposable {
  /** Aborts when the folder is no longer ours; its reason is the error to report. */
  readonly lost: AbortSignal;
  /** Checks at once whether the lock is lost, instead of every two seconds; call it before critical steps. */
  look(): void;
}

export interface Taking extends Patience {
  /** The command that takes the lock, named to others that find the folder locked. */
  readonly command: string;
  /** Whether the command only looks. */
  readonly looks?: boolean;
  /** By default Node's `linkSync`; tests simulate other file systems with it. */
  readonly link?: (from: string, to: string) => void;
}

const MAX_TRIES = 10;
const TOUCH_EVERY_MS = 2_000;

/** Error codes with which a file system without hard links, such as exFAT or some shares, refuses to create one. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'ENOSYS']);

/**
 * Locks the folder; waits for a holder that only looks.
 * @throws CommandFailed (3) if another process holds it, or if the folder can't hold a lock; the signal's reason
 */
export async function takeLock(
  folder: string,
  { command, looks = false, link = linkSync, ...patience }: Taking,
): Promise<Lock> {
  mkdirSync(folder, { recursive: true });
  const holder: Holder = { ...identityOf(process.pid), command, looks };
  const content = JSON.stringify(holder);
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const known = lockFiles(folder);
    const last = known[0];
    const other = last && holderIn(last.content);
    if (other && !(await freedInTime(last.path, other, patience))) throw inUse(folder, other, last.path);
    const mine = join(folder, `lock.${(last?.number ?? 0) + 1}`);
    if (!create(mine, content, link)) continue;
    const [newest, ...older] = lockFiles(folder);
    // If another process took the lock since we listed the folder, its lock can have a higher or a lower number.
    const isKnown = ({ path, content }: LockFile) =>
      known.some((lock) => lock.path === path && lock.content === content);
    if (newest?.path !== mine || !older.every(isKnown)) {
      rmSync(mine, { force: true });
      continue;
    }
    for (const { path } of older) rmSync(path, { force: true });
    return kept(mine, content);
  }
  throw missing(`${folder} could not be locked`, 'Other commands are trying to use it right now: try again.');
}

function kept(path: string, content: string): Lock {
  const losing = new AbortController();
  const look = (): void => {
    if (isLeft(path, content)) return;
    losing.abort(missing(`${path} is gone`, 'Another process has taken over the folder, or it was removed.'));
  };
  const touching = setInterval(() => {
    look();
    if (!losing.signal.aborted) touch(path);
  }, TOUCH_EVERY_MS).unref();
  return {
    lost: losing.signal,
    look,
    [Symbol.dispose]() {
      clearInterval(touching);
      if (isLeft(path, content)) rmSync(path, { force: true });
    },
  };
}

/** Whether the lock file is still ours, not another's with the same number. Being unreadable may be temporary. */
function isLeft(path: string, content: string): boolean {
  try {
    return readFileSync(path, 'utf8') === content;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // `look` detects that the file is gone; any other failure may pass.
  }
}

/** The folder's holder, if any: a live process, or one elsewhere, which can't be checked at once. */
export function lockHolder(folder: string): Holder | undefined {
  const last = lockFiles(folder)[0];
  const holder = last && holderIn(last.content);
  return holder && (isElsewhere(holder) || isAlive(holder)) ? holder : undefined;
}

/** Creates a lock by a hard link, which appears with its content. @returns false if the name is taken */
function create(path: string, content: string, link: NonNullable<Taking['link']>): boolean {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, content, { flush: true });
  try {
    link(draft, path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!NO_LINKS.has(code)) throw error;
    throw missing(
      `${dirname(path)} can’t hold a lock: its file system has no hard links`,
      'Name a folder on another disk with --data.',
    );
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Newest first. */
function lockFiles(folder: string): LockFile[] {
  const names = orGoneSync(() => readdirSync(folder)) ?? [];
  return names
    .flatMap((name) => {
      const number = /^lock\.(\d+)$/.exec(name)?.[1];
      const path = join(folder, name);
      if (number === undefined) return [];
      // It may be released meanwhile.
      const content = orGoneSync(() => readFileSync(path, 'utf8'));
      return content === undefined ? [] : [{ number: Number(number), path, content }];
    })
    .sort((a, b) => b.number - a.number);
}

/** Undefined if a crash truncated the file. */
const holderIn = (content: string): Holder | undefined => jsonIn(content) as Holder | undefined;

function inUse(folder: string, holder: Holder, lock: string): Error {
  if (isElsewhere(holder)) {
    return missing(
      usedElsewhere(folder, holder),
      `Stop it, or run the command there. Only if nothing runs there: remove ${lock}.`,
    );
  }
  return missing(
    `${folder} is in use by ${nameOf(holder)}`,
    'Wait until it has ended, or stop it. To hand a file to a running "setlist up" or "setlist run", use "setlist submit" with the same data folder.',
  );
}
