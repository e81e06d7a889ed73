/** Finds the sets of a bucket that were accepted and have not ended, whichever replica accepted them. */
import { type EventOf, endsSet, runOfSet, subjects } from '@setlist/contracts';
import { acceptanceOf, openSetIds } from '@setlist/eventlog';
import type { RunMarkers } from '../adapters/run-markers.ts';
import type { DropDeps } from '../drop/drop-deps.ts';

export interface UnfinishedSetsOptions {
  readonly deps: Pick<DropDeps, 'log' | 'signal'>;
  readonly markers: Pick<RunMarkers, 'knowsRun'>;
  /** Of the bucket: `s3://bucket/prefix`. */
  readonly uri: string;
}

export class UnfinishedSets {
  readonly #options: UnfinishedSetsOptions;
  /** The sets that were found, or are not of this bucket: looking at one again would cost a request. */
  readonly #known = new Set<string>();

  constructor(options: UnfinishedSetsOptions) {
    this.#options = options;
  }

  /** Those that were not found before. A set that has ended needs no more requests, even if nothing marks its file. */
  async *find(): AsyncGenerator<EventOf<'SetAccepted'>> {
    const { deps, markers, uri } = this.#options;
    for await (const setId of openSetIds(deps.log)) {
      if (deps.signal.aborted) return;
      if (this.#known.has(setId)) continue;
      const run = runOfSet(setId);
      if (run === undefined || markers.knowsRun(run)) continue;
      const accepted = await acceptanceOf(deps.log, setId);
      this.#known.add(setId);
      if (accepted?.data.source.uri.startsWith(`${uri}/`)) yield accepted;
    }
  }

  /** Whether a set has not ended; true while the log doesn't answer. */
  isOpen(setId: string): Promise<boolean> {
    const last = this.#options.deps.log.last(subjects.state(setId));
    return last.then(
      (found) => !endsSet(found?.event),
      () => true,
    );
  }
}
