/** Finds the sets of a bucket that were accepted and have not ended, whichever replica accepted them. */
import { type EventOf, endsSet, runOfSet, setOfSubject, subjects } from '@setlist/contracts';
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
  /** Subjects of sets that were found, or are not of this bucket: looking at one again would cost a request. */
  readonly #known = new Set<string>();

  constructor(options: UnfinishedSetsOptions) {
    this.#options = options;
  }

  /** Those that were not found before. A set that has ended needs no more requests, even if nothing marks its file. */
  async *find(): AsyncGenerator<EventOf<'SetAccepted'>> {
    const { deps, markers, uri } = this.#options;
    const lives = deps.log.read({ subjects: [subjects.state('*')], from: 'last-of-each-subject' });
    for await (const { subject, event: last } of lives) {
      if (deps.signal.aborted) return;
      if (this.#known.has(subject) || endsSet(last)) continue;
      const run = runOfSet(setOfSubject(subject));
      if (run === undefined || markers.knowsRun(run)) continue;
      const { event } = (await deps.log.first(subject)) ?? {};
      this.#known.add(subject);
      if (event?.name === 'SetAccepted' && event.data.source.uri.startsWith(`${uri}/`)) yield event;
    }
  }
}
