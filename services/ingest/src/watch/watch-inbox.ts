/** Watches one folder: takes files that are dropped, placed, or claimed by a replica that has abandoned them. */
import { type FSWatcher, watch } from 'node:fs';
import { type Drop, isReport } from '@setlist/admission';
import { type Logger, messageOf, settlesWithin, sleep } from '@setlist/runtime';
import {
  claim,
  claimPlaced,
  FileUnreadable,
  listClaimed,
  listInbox,
  prepareInbox,
  refuseLinks,
  watchedFolders,
} from '../adapters/inbox.ts';
import { Settling } from '../domain/settling.ts';
import type { PriorityGate } from '../drop/priority-gate.ts';

export interface WatchOptions {
  readonly inbox: string;
  /** How long a file must have been left alone before it is claimed, in ms. */
  readonly settleMs: number;
  /** How often to look if the file system reports no changes, as network mounts don't, in ms. */
  readonly pollEveryMs: number;
  readonly newRun: () => string;
  /** Called for each claimed file, again with every look. */
  readonly take: (drop: Drop) => void;
  readonly gate: PriorityGate;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** How long to gather hints before a look, in ms: a file being written gives thousands. */
const GATHER_MS = 10;

const IGNORED =
  'A set file is a plain file with a name in UTF-8 that ends in .yml, .yaml or .json: rename it, or move it away.';
const IGNORED_REPORT = 'Setlist wrote it about a set file: delete it, or move it away.';
const IGNORED_FOLDER = 'Folders are not searched: move the files themselves into the inbox.';

/** Watches a folder until aborted; the caller has prepared it. */
export async function watchInbox(options: WatchOptions): Promise<void> {
  const { inbox, gate, logger, signal } = options;
  const watcher = new Watcher(options);
  /** The faults that have been logged since it could last be used. */
  const said = new Set<string>();
  while (!signal.aborted) {
    let waitMs = options.pollEveryMs;
    try {
      if (said.size > 0) await prepareInbox(inbox);
      waitMs = await gate.pass(async () => {
        await sleep(GATHER_MS);
        return await watcher.look();
      });
      if (said.size > 0) logger.info({ event: 'inbox-back', inbox }, `${inbox} can be used again`);
      said.clear();
    } catch (error) {
      const { code = messageOf(error) } = error as NodeJS.ErrnoException;
      if (!said.has(code)) {
        logger.error({ event: 'inbox-unusable', inbox, err: error }, `${inbox} can't be used, retrying`);
      }
      said.add(code);
      watcher.forgetHints();
    }
    await watcher.hintWithin(waitMs);
  }
  watcher.forgetHints();
}

class Watcher {
  readonly #options: WatchOptions;
  readonly #settling: Settling;
  readonly #ignored = new Set<string>();
  /** Files that were already logged as not claimable. */
  readonly #unclaimed = new Set<string>();
  #hints: FSWatcher[] = [];
  #hinted = false;
  #wake: () => void = () => {};

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#settling = new Settling(options.settleMs);
    options.signal.addEventListener('abort', () => this.#hint(), { once: true });
  }

  /** Looks once. @returns after how many ms to look again at the latest */
  async look(): Promise<number> {
    const { inbox, take, pollEveryMs } = this.#options;
    // Listen first: a file that comes during this look gives a hint for the next one.
    if (this.#hints.length === 0) this.#listen();
    this.#hinted = false;
    await refuseLinks(inbox);
    for (const drop of await claimPlaced(inbox)) take(drop);
    const waitMs = await this.#claimDropped();
    // Includes what other replicas have claimed: the lease shows whether one still works on it.
    for (const drop of await listClaimed(inbox)) take(drop);
    return Math.min(waitMs, pollEveryMs);
  }

  /** Resolves at the next hint, or when the time is over. */
  async hintWithin(ms: number): Promise<void> {
    if (this.#hinted || this.#options.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await settlesWithin(ms, promise);
  }

  forgetHints(): void {
    for (const hint of this.#hints) hint.close();
    this.#hints = [];
  }

  #listen(): void {
    const { inbox, logger, pollEveryMs } = this.#options;
    const lost = (error: unknown): void => {
      const how = `the file system reports no changes in ${inbox}; looking every ${pollEveryMs} ms`;
      logger.debug({ event: 'no-hints', inbox, err: error }, how);
    };
    try {
      for (const folder of watchedFolders(inbox)) {
        this.#hints.push(watch(folder, { persistent: false }, () => this.#hint()).on('error', lost));
      }
    } catch (error) {
      this.forgetHints();
      lost(error);
    }
  }

  #hint(): void {
    this.#hinted = true;
    this.#wake();
  }

  async #claimDropped(): Promise<number> {
    const { inbox, newRun, take, pollEveryMs } = this.#options;
    const { candidates, ignored, folders } = await listInbox(inbox);
    this.#sayIgnored(ignored, (name) => (isReport(name) ? IGNORED_REPORT : IGNORED));
    this.#sayIgnored(folders, () => IGNORED_FOLDER);
    const names = new Set(candidates.map(({ name }) => name));
    this.#settling.keepOnly(names);
    for (const name of this.#unclaimed) if (!names.has(name)) this.#unclaimed.delete(name);
    let nextMs = pollEveryMs;
    for (const { name, ...look } of candidates) {
      const waitMs = this.#settling.waitMs(name, look, performance.now());
      if (waitMs > 0) {
        nextMs = Math.min(nextMs, waitMs);
        continue;
      }
      try {
        const drop = await claim(inbox, { name, ...look }, newRun());
        if (drop) take(drop);
      } catch (error) {
        this.#sayUnclaimed(name, error);
      }
    }
    // Rounded up: a file is ready only once its whole wait is over.
    return Math.ceil(nextMs) + 1;
  }

  /** Logs each file only once, although every look tries it again. */
  #sayUnclaimed(name: string, error: unknown): void {
    const { inbox, logger } = this.#options;
    if (this.#unclaimed.has(name)) return;
    this.#unclaimed.add(name);
    const remedy = error instanceof FileUnreadable ? error.remedy : undefined;
    const entry = { event: 'not-claimed', inbox, file: name, remedy, err: error };
    logger.error(entry, `${name} in ${inbox} can't be claimed, retrying`);
  }

  #sayIgnored(names: readonly string[], remedyFor: (name: string) => string): void {
    const { inbox, logger } = this.#options;
    for (const name of names) {
      if (this.#ignored.has(name)) continue;
      this.#ignored.add(name);
      const entry = { event: 'ignored', inbox, file: name, remedy: remedyFor(name) };
      logger.warn(entry, `${name} in ${inbox} is not a set file`);
    }
  }
}
