/**
 * One process at a time works in a data folder. The lock is the file `lock.<n>` with the highest n, holding the id of
 * the process that took it; a dead holder's is taken over by making `lock.<n+1>`, which only one can.
 *
 *     lock.4 (dead) ── two see it ──▶ link lock.5: one succeeds, the other finds lock.5 alive and is refused
 *
 * A holder in another container or on another machine can't be seen: it touches its lock every two seconds, and is dead
 * when it has not for as long as fifteen. That is watched, since clocks may differ.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { missing } from '../../failure.ts';
import { freedInTime, type Holder, nameOf, type Patience, usedElsewhere } from './lock-holder.ts';
import { identityOf, isAlive, isElsewhere } from './process-identity.ts';

interface LockFile {
  readonly number: number;
  readonly path: string;
}

export interface Lock extends Disposable {
  /** Aborts when the folder is no longer ours, with what to say as its reason. */
  readonly lost: AbortSignal;
  /** Has `lost` abort at once where it must, which is seen every two seconds otherwise: before what only one may do. */
  look(): void;
}

export interface Taking extends Patience {
  /** The command that it is taken for, as whoever finds it locked meanwhile is told. */
  readonly command: string;
  /** Whether that only looks. */
  readonly looks?: boolean;
  /** Node's own, unless another file system is played. */
  readonly link?: (from: string, to: string) => void;
}

const MAX_TRIES = 10;
const TOUCH_EVERY_MS = 2_000;

/** How a file system without hard links, such as exFAT or some shares, refuses to make one. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'ENOSYS']);

/**
 * Takes the lock, and the folder with it; one that only looks is waited for.
 * @throws CommandFailed (3) while another process holds it, or where none can be held; the signal's reason
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
    const other = last && readHolder(last.path);
    if (other && !(await freedInTime(last.path, other, patience))) throw inUse(folder, other, last.path);
    const mine = join(folder, `lock.${(last?.number ?? 0) + 1}`);
    if (!create(mine, content, link)) continue;
    const [newest, ...older] = lockFiles(folder);
    // One that listed the folder long ago may come second, under a lower number or, where it was free since, a higher.
    if (newest?.path !== mine || !older.every(({ path }) => known.some((lock) => lock.path === path))) {
      rmSync(mine, { force: true });
      continue;
    }
    for (const { path } of older) rmSync(path, { force: true });
    return kept(mine, content);
  }
  throw missing(`${folder} could not be locked`, 'Others try to use it at this moment: try again.');
}

function kept(path: string, content: string): Lock {
  const losing = new AbortController();
  const look = (): void => {
    if (isLeft(path, content)) return;
    losing.abort(missing(`${path} is gone`, 'Another process has taken the folder over, or it was removed.'));
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

/** Not where another has taken the number since. What keeps it from being read may pass. */
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
    // Looking tells that it is gone; whatever else keeps it from being touched may pass.
  }
}

/** Who holds the folder, if somebody does: a live process, or one elsewhere of which it can't be told at once. */
export function lockHolder(folder: string): Holder | undefined {
  const last = lockFiles(folder)[0];
  const holder = last && readHolder(last.path);
  return holder && (isElsewhere(holder) || isAlive(holder)) ? holder : undefined;
}

/** A link appears with its content, so that no reader finds a lock without a holder. False if the name is taken. */
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
  return entriesOf(folder)
    .flatMap((name) => {
      const number = /^lock\.(\d+)$/.exec(name)?.[1];
      return number === undefined ? [] : [{ number: Number(number), path: join(folder, name) }];
    })
    .sort((a, b) => b.number - a.number);
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function inUse(folder: string, holder: Holder, lock: string): Error {
  if (isElsewhere(holder)) {
    return missing(
      usedElsewhere(folder, holder),
      `Stop that, give the command there, or name another folder with --data. Only if nothing runs there: remove ${lock}.`,
    );
  }
  return missing(
    `${folder} is in use by ${nameOf(holder)}`,
    'Wait until that has ended, stop it, or name another folder with --data. To hand a file to a running "setlist up", use "setlist submit".',
  );
}
