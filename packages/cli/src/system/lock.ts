/**
 * One process at a time works in a data folder. The lock is the file `lock.<n>` with the highest n, holding the id of
 * the process that took it; a dead holder's is taken over by making `lock.<n+1>`, which only one can.
 *
 *     lock.4 (dead) ── two see it ──▶ link lock.5: one succeeds, the other finds lock.5 alive and is refused
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missing } from '../failure.ts';
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.ts';

export interface Holder extends ProcessIdentity {
  /** The command that it runs, such as `setlist up`. */
  readonly command: string;
}

interface LockFile {
  readonly number: number;
  readonly path: string;
}

const MAX_TRIES = 10;

/** Takes the lock, and the folder with it. Throws a `CommandFailed` (3) while another process holds it. */
export function takeLock(folder: string, command: string): Disposable {
  mkdirSync(folder, { recursive: true });
  const holder: Holder = { ...identityOf(process.pid), command };
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const last = lockFiles(folder)[0];
    const other = last && readHolder(last.path);
    if (other && isAlive(other)) throw inUse(folder, other);
    const mine = join(folder, `lock.${(last?.number ?? 0) + 1}`);
    if (!create(mine, holder)) continue;
    const [newest, ...older] = lockFiles(folder);
    // One that listed the folder long ago may come second under a lower number.
    if (newest?.path !== mine) {
      rmSync(mine, { force: true });
      continue;
    }
    for (const { path } of older) rmSync(path, { force: true });
    return { [Symbol.dispose]: () => rmSync(mine, { force: true }) };
  }
  throw missing(`${folder} could not be locked`, 'Others try to use it at this moment: try again.');
}

/** The live process that holds the folder, if there is one. */
export function lockHolder(folder: string): Holder | undefined {
  const last = lockFiles(folder)[0];
  const holder = last && readHolder(last.path);
  return holder && isAlive(holder) ? holder : undefined;
}

/** A link appears with its content, so that no reader finds a lock without a holder. False if the name is taken. */
function create(path: string, holder: Holder): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(holder), { flush: true });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
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

function inUse(folder: string, { pid, command }: Holder): Error {
  return missing(
    `${folder} is in use by "${command}" (process ${pid})`,
    'Wait until that has ended, stop it, or name another folder with --data. To hand a file to a running "setlist up", use "setlist submit".',
  );
}
