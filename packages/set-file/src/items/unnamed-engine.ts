/** Items for which no engine is named: the reference's code made them by another engine than its manual says. */
import { findVoice } from '@setlist/polly';
import type { Report } from '../problems.ts';
import { BUILT_IN } from '../schema.ts';
import type { ParsedItem } from './check-item.ts';

/** Those that `standard`, which the reference's code took, could have spoken; the others never were. */
export type UnnamedEngine = {
  readonly items: number;
  /** Their voices, in the order of the file. */
  readonly voices: readonly string[];
};

/** Counts them while a file is read. */
export class UnnamedEngines {
  readonly #voices = new Set<string>();
  #items = 0;
  #first: { readonly at: number; readonly path: string } | undefined;

  take({ voice }: ParsedItem, place: { readonly at: number; readonly path: string }): void {
    if (findVoice(voice)?.engines.includes('standard') === false) return;
    this.#items += 1;
    this.#voices.add(voice);
    this.#first ??= { at: place.at, path: place.path };
  }

  found(): UnnamedEngine | undefined {
    return this.#items === 0 ? undefined : { items: this.#items, voices: [...this.#voices] };
  }

  /** Once for the file, at the first of them. */
  tell(report: Report): void {
    if (this.#first === undefined) return;
    const others = this.#items === 1 ? '' : ` here and in ${(this.#items - 1).toLocaleString('en-US')} more`;
    report({
      ...this.#first,
      code: 'unnamed-engine',
      message: `no engine is named${others}: taken as ${BUILT_IN.engine}, at four times the price; the sample’s code took standard`,
      remedy: `write "engine: standard" under "defaults" to keep price and audio, or "engine: ${BUILT_IN.engine}" if that is meant`,
      lenient: true,
    });
  }
}
