/** Items for which no engine is named: the reference's code used another engine for them than its manual says. */
import { checkSsml, type Engine, findVoice, type TextType } from '@setlist/polly';
import type { Report } from '../problems.ts';
import { BUILT_IN } from '../schema.ts';

/** The items that the reference's code could speak with `standard`; it never spoke the others. */
export type UnnamedEngine = {
  readonly items: number;
  /** Their voices, in the order of the file. */
  readonly voices: readonly string[];
};

interface Spoken {
  readonly voice: string | undefined;
  readonly textType: TextType | undefined;
  readonly text: string | undefined;
}

/** With compat, the reference's engine for what the default engine can't speak and the reference's can. */
export function engineWhereUnnamed({ voice = '', textType, text }: Spoken): Engine {
  const engines = findVoice(voice)?.engines;
  if (!engines?.includes('standard')) return BUILT_IN.engine;
  if (!engines.includes(BUILT_IN.engine)) return 'standard';
  if (textType !== 'ssml' || text === undefined) return BUILT_IN.engine;
  const knows = (engine: Engine) => checkSsml(text, { engine, voice }).length === 0;
  return !knows(BUILT_IN.engine) && knows('standard') ? 'standard' : BUILT_IN.engine;
}

type Place = { readonly at: number; readonly path: string };

/** Counts such items while a file is read. */
export class UnnamedEngines {
  readonly #voices = new Set<string>();
  readonly #builtIn = new Counted();
  readonly #standard = new Counted();

  take({ voice, engine }: { readonly voice: string; readonly engine: Engine }, place: Place): void {
    if (engine === 'standard') this.#standard.add(place);
    else if (findVoice(voice)?.engines.includes('standard') !== false) {
      this.#builtIn.add(place);
      this.#voices.add(voice);
    }
  }

  found(): UnnamedEngine | undefined {
    const { items } = this.#builtIn;
    return items === 0 ? undefined : { items, voices: [...this.#voices] };
  }

  /** Reports once per file, at the first item; and once more for the items with the standard engine. */
  tell(report: Report): void {
    this.#builtIn.tell(report, {
      takenAs: `${BUILT_IN.engine}, at four times the price; the sample’s code took standard`,
      remedy: `write "engine: standard" under "defaults" to keep price and audio, or "engine: ${BUILT_IN.engine}" if that is intended`,
    });
    this.#standard.tell(report, {
      takenAs: `standard, since ${BUILT_IN.engine} can’t speak this`,
      remedy: 'write "engine: standard" there, or under "defaults"',
    });
  }
}

/** A number of items, and the place of the first. */
class Counted {
  items = 0;
  #first: Place | undefined;

  add({ at, path }: Place): void {
    this.items += 1;
    this.#first ??= { at, path };
  }

  tell(report: Report, { takenAs, remedy }: { readonly takenAs: string; readonly remedy: string }): void {
    if (this.#first === undefined) return;
    const others = this.items === 1 ? '' : ` here and in ${(this.items - 1).toLocaleString('en-US')} more`;
    const message = `no engine is named${others}: taken as ${takenAs}`;
    report({ ...this.#first, code: 'unnamed-engine', message, remedy, lenient: true });
  }
}
