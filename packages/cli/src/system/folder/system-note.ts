/** The note that a running system leaves in its data folder, by which other commands find it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { KnownDoor } from '@setlist/admission';
import { orGoneSync, sleep } from '@setlist/runtime';
import type { DataFolder } from './data-folder.ts';
import { lockHolder } from './lock.ts';
import type { Holder } from './lock-holder.ts';
import { identityOf, isElsewhere, type ProcessIdentity } from './process-identity.ts';

export interface SystemNote extends KnownDoor {
  /** `nats://TOKEN@127.0.0.1:PORT`; without a token in notes of earlier versions. */
  readonly broker: string;
  /** Where set files are dropped, absolute. */
  readonly inbox: string;
  readonly compat: boolean;
  /** Whether the system runs until it is stopped, or ends with its own sets. */
  readonly stays: boolean;
}

/** A note with its writer: a killed system leaves its note, and another may work in the folder since. */
type SignedNote = SystemNote & { readonly by: ProcessIdentity };

export interface RunningSystem extends SystemNote {
  readonly holder: Holder;
}

export function writeNote(data: DataFolder, note: SystemNote): Disposable {
  const draft = `${data.note}.${process.pid}`;
  const signed: SignedNote = { ...note, by: identityOf(process.pid) };
  const text = `${JSON.stringify(signed, null, 2)}\n`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, data.note);
  return {
    [Symbol.dispose]() {
      // Another system may have taken over the folder and left its own note.
      if (readNote(data) === text) rmSync(data.note, { force: true });
    },
  };
}

const readNote = ({ note }: DataFolder): string | undefined => orGoneSync(() => readFileSync(note, 'utf8'));

/** The commands that leave a note, a moment after they lock the folder. */
const SYSTEMS = new Set(['setlist run', 'setlist up']);
const STARTED_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** As {@link runningSystem}, but waits for a system that is just starting or ending. @throws the signal's reason */
export async function systemOf(data: DataFolder, signal?: AbortSignal): Promise<RunningSystem | undefined> {
  const until = performance.now() + STARTED_WITHIN_MS;
  let system = runningSystem(data);
  while (system === undefined && performance.now() < until) {
    const holder = lockHolder(data.path);
    if (holder === undefined || isElsewhere(holder) || !SYSTEMS.has(holder.command)) break;
    await sleep(LOOK_EVERY_MS, signal);
    system = runningSystem(data);
  }
  return system;
}

/**
 * The system that runs on this data folder. Ignores a note whose writer is gone, or is elsewhere: the address in it
 * means another machine here.
 */
export function runningSystem(data: DataFolder): RunningSystem | undefined {
  const holder = lockHolder(data.path);
  if (holder === undefined || isElsewhere(holder)) return undefined;
  const text = readNote(data);
  if (text === undefined) return undefined;
  const { by, ...note } = JSON.parse(text) as SignedNote;
  return by?.pid === holder.pid && by.started === holder.started ? { ...note, holder } : undefined;
}
