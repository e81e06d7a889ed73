/** Watches a prefix of a bucket: by listing it regularly, and by hints of new objects. */

import { dropName, fileNameOf, runOfFile } from '@setlist/admission';
import { type Logger, messageOf, remedyOf, Slots, sleepAtMost, unlessAborted } from '@setlist/runtime';
import type { ObjectStore } from '@setlist/storage';
import { bucketDrop } from '../adapters/bucket-drop.ts';
import { readKept } from '../adapters/kept-file.ts';
import type { Leases } from '../adapters/leases.ts';
import type { RunMarkers } from '../adapters/run-markers.ts';
import type { DropDeps } from '../drop/drop-deps.ts';
import { type DropProcessor, isLarge } from '../drop/drop-processor.ts';
import { InHand } from '../drop/in-hand.ts';
import { SkippedFiles } from './skipped-files.ts';
import { UnfinishedSets } from './unfinished-sets.ts';

export interface WatchBucketOptions {
  readonly inbox: ObjectStore;
  readonly deps: Pick<DropDeps, 'log' | 'store' | 'logger' | 'signal'>;
  readonly markers: RunMarkers;
  readonly processor: Pick<DropProcessor, 'take'>;
  readonly pollEveryMs: number;
  /** How often to look for unfinished sets, in ms; five minutes if not given. */
  readonly resumeEveryMs?: number;
  /** How long to wait before trying again what another replica holds, in ms; half a minute if not given. */
  readonly heldElsewhereMs?: number;
  /** Objects that were last written before this are skipped. */
  readonly since?: Date | undefined;
  readonly leases: Leases;
  /** A local folder for files while they are read. */
  readonly folder: string;
}

/** One version of an object, to be processed. */
interface Offer {
  readonly run: string;
  readonly uri: string;
  readonly key: string;
  readonly bytes: number;
  readonly pieces: () => AsyncIterable<Uint8Array>;
}

/** How many versions of small and of large files are claimed at once; the processor decides how many are read at once. */
const SMALL_CLAIMED_AT_ONCE = 16;
const LARGE_CLAIMED_AT_ONCE = 2;
/** How often to look for sets that a replica left unfinished: the next one to start would find them too. */
const RESUME_EVERY_MS = 5 * 60_000;
/** If the replica that holds something died, its lease has run out by then. */
const HELD_ELSEWHERE_MS = 30_000;

/**
 * Objects stay where they are. The store remembers which versions have been processed, and a lease keeps other replicas
 * off a version in progress. If two replicas process one all the same, the log decides.
 */
export class BucketInbox {
  readonly #options: WatchBucketOptions;
  /** For each key, the version that needs no further look: it has been processed, or is in hand. */
  readonly #seen = new Map<string, string>();
  readonly #skipped: SkippedFiles;
  /** Work in progress, by name of the drop. */
  readonly #inHand = new InHand();
  readonly #small = new Slots(SMALL_CLAIMED_AT_ONCE);
  readonly #large = new Slots(LARGE_CLAIMED_AT_ONCE);

  constructor(options: WatchBucketOptions) {
    this.#options = options;
    this.#skipped = new SkippedFiles(this.uri, options.deps.logger);
  }

  get uri(): string {
    return this.#options.inbox.uri;
  }

  /** Lists until aborted, and retries if the bucket can't be listed. */
  async watch(): Promise<void> {
    const { deps, pollEveryMs } = this.#options;
    const { logger, signal } = deps;
    let failing = false;
    while (!signal.aborted) {
      try {
        await this.look();
        if (failing) logger.info({ event: 'inbox-back', inbox: this.uri }, `${this.uri} can be listed again`);
        failing = false;
      } catch (error) {
        if (!failing) this.#sayUnusable(logger, error);
        failing = true;
      }
      await sleepAtMost(pollEveryMs, signal);
    }
  }

  /** Resolves when all work that is in progress now has ended. */
  async ended(): Promise<void> {
    await this.#inHand.ended();
  }

  /** Lists once, and starts on new versions. */
  async look(): Promise<void> {
    const { inbox, deps } = this.#options;
    const listed = new Set<string>();
    const objects = inbox.list('', (name) => void this.#skipped.has(name));
    for await (const { key, bytes, modified, version } of objects) {
      if (deps.signal.aborted) return;
      listed.add(key);
      if (this.#seen.get(key) === version || this.#skipped.has(key)) continue;
      void this.#offer(key, { bytes, modified, version });
    }
    for (const key of this.#seen.keys()) if (!listed.has(key)) this.#seen.delete(key);
  }

  /**
   * Processes an object that was reported as written, or waits until another replica has done so.
   * @param onPutOff called when it has to wait or is large, and so can take long
   * @returns whether nothing is left to do; false if it is left for the next start
   */
  async hint(key: string, onPutOff: () => void): Promise<boolean> {
    const { inbox, deps } = this.#options;
    if (this.#skipped.has(key)) return true;
    while (!deps.signal.aborted) {
      const found = await inbox.head(key);
      if (found === undefined || (await this.#offer(key, found, onPutOff))) return true;
      // A message that is given back each time is soon taken away by its queue's redrive policy.
      onPutOff();
      await this.#untilTriedAgain();
    }
    return false;
  }

  /**
   * Continues with sets of this bucket that were accepted and have not ended, and so are perhaps not fully requested. It
   * reads the bytes kept in the store: their objects may be gone or replaced by now. Looks for them until aborted: the
   * replica that accepted one may be gone for good.
   */
  async resume(): Promise<void> {
    const { deps, resumeEveryMs = RESUME_EVERY_MS } = this.#options;
    const { logger, signal } = deps;
    const unfinished = new UnfinishedSets({ ...this.#options, uri: this.uri });
    while (!signal.aborted) {
      try {
        // While the broker is away, the log doesn't answer: the end must not wait for it.
        await unlessAborted(this.#resumeFound(unfinished), signal);
      } catch (error) {
        if (signal.aborted) return;
        const entry = {
          event: 'unfinished-sets-unknown',
          inbox: this.uri,
          remedy: remedyOf(error),
          err: error,
        };
        logger.warn(
          entry,
          `unfinished sets of ${this.uri} can't be looked up, retrying: ${messageOf(error)}`,
        );
      }
      await sleepAtMost(resumeEveryMs, signal);
    }
  }

  async #resumeFound(unfinished: UnfinishedSets): Promise<void> {
    const { store } = this.#options.deps;
    for await (const { setId = '', data } of unfinished.find()) {
      const { uri, bytes, keptAs } = data.source;
      const key = uri.slice(this.uri.length + 1);
      const isOpen = () => unfinished.isOpen(setId);
      const pieces = () => readKept(store, keptAs, isOpen);
      void this.#untilProcessed({ run: data.run, uri, key, bytes, pieces }, isOpen);
    }
  }

  /**
   * Only a marker, or the set's end, proves it: the drop may be in hand already, found by a list, and end because its
   * object is gone.
   */
  async #untilProcessed(offer: Offer, isOpen: () => Promise<boolean>): Promise<void> {
    const { deps, markers } = this.#options;
    while (!deps.signal.aborted) {
      if ((await this.#deal(offer)) && (markers.knows(offer) || !(await isOpen()))) return;
      await this.#untilTriedAgain();
    }
  }

  async #untilTriedAgain(): Promise<void> {
    const { deps, heldElsewhereMs = HELD_ELSEWHERE_MS } = this.#options;
    await sleepAtMost(heldElsewhereMs, deps.signal);
  }

  async #offer(
    key: string,
    found: { readonly bytes: number; readonly modified: Date; readonly version: string },
    onPutOff?: () => void,
  ): Promise<boolean> {
    const { inbox, since } = this.#options;
    const { version, modified, bytes } = found;
    if (since !== undefined && modified < since) return true;
    const uri = `${this.uri}/${key}`;
    const run = runOfFile({ uri, key, version, modified });
    const offer = { run, uri, key, bytes, pieces: () => inbox.read(key, version) };
    this.#seen.set(key, version);
    const processed = await this.#deal(offer, onPutOff);
    if (!processed && this.#seen.get(key) === version) this.#seen.delete(key);
    return processed;
  }

  /** Processes a drop only once at a time, however it was found. */
  #deal(offer: Offer, onPutOff?: () => void): Promise<boolean> {
    const begin = (putOff: () => void): Promise<boolean> =>
      this.#claimAndProcess(offer, putOff).catch((error: unknown) => this.#sayWaits(offer.key, error));
    return this.#inHand.join(dropName(offer), begin, onPutOff);
  }

  async #claimAndProcess(offer: Offer, onPutOff: () => void): Promise<boolean> {
    const { deps, inbox, markers, processor, leases, folder } = this.#options;
    if (markers.knows(offer)) return true;
    using slot = new DisposableStack();
    const large = isLarge(offer.bytes);
    // Large files wait for each other, and nothing else is to wait for them.
    if (large) onPutOff();
    slot.use(await (large ? this.#large : this.#small).take());
    if (deps.signal.aborted) return false;
    const { run, key } = offer;
    await using held = await leases.hold(dropName(offer), { run, fileName: fileNameOf(key) });
    if (held === undefined) return false;
    if (await markers.has(offer)) return true;
    await using dropped = bucketDrop({ ...offer, inbox, markers, folder });
    // A drop that has to wait, for example because its object can't be read, gives its slot to others.
    const how = { bytes: async () => offer.bytes, hold: async () => new AsyncDisposableStack() };
    return await processor.take(dropped, how, () => {
      slot.dispose();
      onPutOff();
    });
  }

  #sayUnusable(logger: Logger, error: unknown): void {
    const entry = { event: 'inbox-unusable', inbox: this.uri, remedy: remedyOf(error), err: error };
    logger.error(entry, `${this.uri} can't be listed, retrying: ${messageOf(error)}`);
  }

  #sayWaits(key: string, error: unknown): boolean {
    const { logger, signal } = this.#options.deps;
    const entry = {
      event: 'set-file-waits',
      file: key,
      inbox: this.uri,
      remedy: remedyOf(error),
      err: error,
    };
    if (!signal.aborted) logger.warn(entry, `${key} waits for a retry: ${messageOf(error)}`);
    return false;
  }
}
