/** What the door and a plan need to know of all items together, counted item by item so that none is kept. */
import { ENGINES, type Engine, type Operation, type OutputFormat } from '@setlist/polly';
import type { ParsedItem } from '@setlist/set-file';
import { fitsIntoEvent } from './event-size.ts';

/** An item's place in the set file. */
export interface ItemPlace {
  /** Counted from 0. */
  readonly index: number;
  readonly line: number;
  readonly column: number;
  readonly billedCharacters: number;
}

/** Items with something in common: their number, and the first thousand. */
export interface ItemsFound {
  readonly count: number;
  readonly first: readonly ItemPlace[];
}

/** The items that name something, and the first of them. */
interface Naming {
  readonly items: number;
  readonly first: ItemPlace;
}

/** Plain data, since it passes from one thread to another. */
export interface SetSurvey {
  readonly itemCount: number;
  /** Only the lanes that the set uses, in the order of the engines. */
  readonly lanes: { readonly lane: Engine; readonly items: number; readonly billedCharacters: number }[];
  readonly calls: { readonly engine: Engine; readonly operation: Operation; readonly items: number }[];
  /** The longest name of a file, in bytes of UTF-8, without the set's prefix. */
  readonly longestFile: string;
  /** In the order in which they are first named. */
  readonly lexicons: ({ readonly name: string } & Naming)[];
  readonly formats: ({ readonly format: OutputFormat } & Naming)[];
  /** Texts that need a task. */
  readonly needTask: ItemsFound;
  /** Texts that don't fit into an event. */
  readonly tooLarge: ItemsFound;
}

const MAX_PLACES = 1_000;

/** Counts items, in their order. */
export class Surveyor {
  #itemCount = 0;
  #longestFile = '';
  readonly #lanes = new Map<Engine, { items: number; billedCharacters: number }>();
  readonly #calls = new Map<string, { engine: Engine; operation: Operation; items: number }>();
  readonly #lexicons = new Map<string, Naming>();
  readonly #formats = new Map<OutputFormat, Naming>();
  readonly #needTask = { count: 0, first: [] as ItemPlace[] };
  readonly #tooLarge = { count: 0, first: [] as ItemPlace[] };

  add(item: ParsedItem): void {
    const { file, engine, operation, billedCharacters, lexicons, format } = item;
    this.#itemCount++;
    if (Buffer.byteLength(file) > Buffer.byteLength(this.#longestFile)) this.#longestFile = file;
    const lane = this.#lanes.get(engine) ?? { items: 0, billedCharacters: 0 };
    lane.items++;
    lane.billedCharacters += billedCharacters;
    this.#lanes.set(engine, lane);
    const key = `${engine} ${operation}`;
    const calls = this.#calls.get(key) ?? { engine, operation, items: 0 };
    calls.items++;
    this.#calls.set(key, calls);
    for (const name of lexicons) countNaming(this.#lexicons, name, item);
    countNaming(this.#formats, format, item);
    if (operation === 'task') note(this.#needTask, item);
    if (!fitsIntoEvent(item.text)) note(this.#tooLarge, item);
  }

  survey(): SetSurvey {
    return {
      itemCount: this.#itemCount,
      lanes: ENGINES.flatMap((lane) => {
        const counted = this.#lanes.get(lane);
        return counted ? [{ lane, ...counted }] : [];
      }),
      longestFile: this.#longestFile,
      calls: [...this.#calls.values()],
      lexicons: [...this.#lexicons].map(([name, naming]) => ({ name, ...naming })),
      formats: [...this.#formats].map(([format, naming]) => ({ format, ...naming })),
      needTask: this.#needTask,
      tooLarge: this.#tooLarge,
    };
  }
}

function countNaming<Named>(namings: Map<Named, Naming>, named: Named, item: ParsedItem): void {
  const known = namings.get(named);
  namings.set(named, { items: (known?.items ?? 0) + 1, first: known?.first ?? placeOf(item) });
}

function note(found: { count: number; first: ItemPlace[] }, item: ParsedItem): void {
  found.count++;
  if (found.first.length < MAX_PLACES) found.first.push(placeOf(item));
}

const placeOf = ({ index, line, column, billedCharacters }: ParsedItem): ItemPlace => ({
  index,
  line,
  column,
  billedCharacters,
});

/** The survey of items in memory. */
export function surveyOf(items: Iterable<ParsedItem>): SetSurvey {
  const surveyor = new Surveyor();
  for (const item of items) surveyor.add(item);
  return surveyor.survey();
}
