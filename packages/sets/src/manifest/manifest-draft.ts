/**
 * A set's manifest, from its events alone: the same events always give the same bytes.
 *
 * It takes two passes over the events, so that no set is too large for memory: the first keeps the result of every item
 * in columns of numbers; the second reads the items' texts one by one and adds the results.
 */
import {
  type EventData,
  type EventOf,
  MANIFEST_SCHEMA,
  type ManifestHeader,
  type ManifestItem,
  type SetSummary,
} from '@setlist/contracts';
import { type Chain, EMPTY_CHAIN, extendChain } from '../fold/chain.ts';
import { evolve } from '../fold/evolve.ts';
import { itemEventOf } from '../fold/item-row.ts';
import type { LogRecord } from '../fold/log-record.ts';
import { type Money, moneyAfter, NO_MONEY } from '../fold/money.ts';
import { OutcomeColumns } from './outcome-columns.ts';

/** The first pass: records a set's events in the log's order. */
export class ManifestDraft {
  #life: SetSummary | undefined;
  #accepted: { readonly seq: number; readonly data: EventData<'SetAccepted'> } | undefined;
  #outcomes = new OutcomeColumns(0);
  #chain: Chain = EMPTY_CHAIN;
  /** Sequence of the last event that the manifest depends on, and the chain up to there. */
  #asOf: { readonly seq: number; readonly chain: Chain } = { seq: 0, chain: EMPTY_CHAIN };
  #money: Money = { billedCharacters: 0, sparedCharacters: 0, costUsd: NO_MONEY, savedUsd: NO_MONEY };

  note(record: LogRecord): void {
    const { event, seq } = record;
    if (event?.name === 'SetAccepted' && this.#accepted === undefined) {
      this.#accepted = { seq, data: event.data };
      this.#outcomes = new OutcomeColumns(event.data.itemCount);
    }
    // As for the summary, nothing counts before the acceptance.
    if (this.#accepted === undefined) return;
    this.#chain = extendChain(this.#chain, record);
    if (itemEventOf(event)) this.#noteItem(record);
    else this.#noteLife(record);
  }

  /** `undefined` while the set has not ended, and for one that was rejected. */
  header(): ManifestHeader | undefined {
    const [life, accepted] = [this.#life, this.#accepted];
    if (life === undefined || accepted === undefined) return undefined;
    const { state, endedAt } = life;
    if ((state !== 'completed' && state !== 'cancelled') || endedAt === undefined) return undefined;
    const { data, seq } = accepted;
    const { name, description, location } = data.set;
    return {
      $schema: MANIFEST_SCHEMA,
      setId: life.setId,
      run: data.run,
      name,
      ...(description === undefined ? {} : { description }),
      state,
      round: life.round,
      source: data.source,
      output: data.output,
      prefix: data.prefix,
      location,
      provider: data.provider,
      acceptedAt: life.acceptedAt,
      startedAt: life.startedAt,
      endedAt,
      counts: { total: data.itemCount, ...this.#outcomes.counts() },
      ...this.#money,
      estimatedUsd: data.estimatedUsd,
      usdPerMillion: data.usdPerMillion,
      chain: this.#asOf.chain,
      acceptedSeq: seq,
      generatedFromSeq: this.#asOf.seq,
    };
  }

  /** The second pass: an item from its first request. */
  item({ data }: EventOf<'ItemRequested'>, requestedAt: Date): ManifestItem {
    const { index, file, sound, hash } = data;
    const { text, textType, engine, voice, language, format, sampleRate, lexicons, speechMarks } = sound;
    const { state, attempts, endedAt, ...became } = this.#outcomes.of(index);
    return {
      index,
      file,
      text,
      textType,
      engine,
      voice,
      ...(language === undefined ? {} : { language }),
      format,
      sampleRate,
      lexicons: lexicons.map(({ name }) => name),
      speechMarks,
      hash,
      state,
      ...became,
      attempts,
      requestedAt: requestedAt.toISOString(),
      ...(endedAt === undefined ? {} : { endedAt }),
    };
  }

  /** Whether the set has such an item at all. */
  has(index: number): boolean {
    return this.#outcomes.has(index);
  }

  #noteItem({ event, seq, time }: LogRecord): void {
    const item = itemEventOf(event);
    if (item === undefined || !this.#outcomes.note(item, time)) return;
    this.#asOf = { seq, chain: this.#chain };
    const usdPerMillion = this.#accepted?.data.usdPerMillion ?? {};
    this.#money = moneyAfter({ ...this.#money, usdPerMillion }, item);
  }

  /** A completion names the chain that goes into messages; events stored in the meantime are not in it. */
  #noteLife(record: LogRecord): void {
    const before = this.#life;
    this.#life = evolve({ summary: before }, record).summary;
    if (this.#life?.state === before?.state) return;
    const { event, seq } = record;
    this.#asOf = { seq, chain: event?.name === 'SetCompleted' ? event.data.chain : this.#chain };
  }
}

/** Puts the items of first requests into the order of the set file, and skips repeats. */
export class ItemsInOrder {
  readonly #draft: ManifestDraft;
  /** Items that came too early; at most a few hundred, since requests are stored nearly in order. */
  readonly #early = new Map<number, ManifestItem>();
  #next = 0;

  constructor(draft: ManifestDraft) {
    this.#draft = draft;
  }

  /** The items that come next in order after this record. */
  *take({ event, time }: LogRecord): Generator<ManifestItem> {
    if (event?.name !== 'ItemRequested' || event.data.attempt !== 1) return;
    const { index } = event.data;
    if (index < this.#next || this.#early.has(index) || !this.#draft.has(index)) return;
    this.#early.set(index, this.#draft.item(event, time));
    for (let due = this.#early.get(this.#next); due; due = this.#early.get(this.#next)) {
      this.#early.delete(this.#next++);
      yield due;
    }
  }

  /** The items left at the end, where the set was cancelled before all of its items were requested. */
  *rest(): Generator<ManifestItem> {
    const left = [...this.#early.values()].sort((a, b) => a.index - b.index);
    this.#early.clear();
    yield* left;
  }
}
