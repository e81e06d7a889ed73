/**
 * What services report while they work: counts, measurements, and steps that make up a trace. While telemetry is off,
 * each call costs one check of a variable, and OpenTelemetry is not even loaded.
 *
 * A step's place in its trace is passed on explicitly, in calls and in the `traceparent` (W3C Trace Context) of events.
 */
import { type Facts, type KeyOf, STEPS, type StepName } from './catalogue.ts';

/** A span that is still open. */
export interface OpenSpan {
  /** Its place in the trace, for the spans that follow from it. */
  readonly traceparent: string | undefined;
  note(facts: Facts): void;
  /** Ends the span. @param error the code of what went wrong, if anything did */
  end(error?: string): void;
}

export interface SpanOptions {
  /** The `traceparent` that it follows from, as in an event. */
  readonly parent?: string | undefined;
  readonly facts?: Facts;
  /** A name to use instead of the step's, such as a route. */
  readonly name?: string;
}

export type Readings = Iterable<readonly [value: number, facts: Facts]>;

/** The implementation of metrics and traces, once they are on. */
export interface Machinery {
  readonly metrics?: {
    add(metric: KeyOf<'counter'>, value: number, facts: Facts): void;
    record(metric: KeyOf<'histogram'>, seconds: number, facts: Facts): void;
    observe(metric: KeyOf<'gauge'>, read: () => Readings | Promise<Readings>): Disposable;
  };
  readonly startSpan?: (step: StepName, options: SpanOptions) => OpenSpan;
}

let machinery: Machinery = {};

/** Installs the implementation; an empty one turns telemetry off. */
export function use(wanted: Machinery): void {
  machinery = wanted;
}

/** Adds to a counter, which only grows. */
export function count(metric: KeyOf<'counter'>, value: number, facts: Facts = {}): void {
  machinery.metrics?.add(metric, value, facts);
}

/** Records how long something took, in seconds. */
export function record(metric: KeyOf<'histogram'>, seconds: number, facts: Facts = {}): void {
  machinery.metrics?.record(metric, seconds, facts);
}

const NOTHING: Disposable = { [Symbol.dispose]() {} };

/** Reads a gauge whenever metrics are read, until disposed of. */
export const observe = (metric: KeyOf<'gauge'>, read: () => Readings | Promise<Readings>): Disposable =>
  machinery.metrics?.observe(metric, read) ?? NOTHING;

/** Opens a span without a step's measurement. @returns undefined if traces are off */
export function startSpan(step: StepName, options: SpanOptions): OpenSpan | undefined {
  return machinery.startSpan?.(step, options);
}

/** A piece of work for a set or an item: timed, and part of its trace. */
export class Step {
  readonly #name: StepName;
  readonly #parent: string | undefined;
  readonly #span: OpenSpan | undefined;
  readonly #begunAt = performance.now();
  #ended = false;

  constructor(name: StepName, { parent, facts }: Omit<SpanOptions, 'name'>) {
    this.#name = name;
    this.#parent = parent;
    const isRoot = 'root' in STEPS[name];
    if (parent !== undefined || isRoot) {
      this.#span = machinery.startSpan?.(name, facts === undefined ? { parent } : { parent, facts });
    }
  }

  /** For events that follow from it: its own place or, if traces are off, its parent's. */
  get traceparent(): string | undefined {
    return this.#span?.traceparent ?? this.#parent;
  }

  /** The event, marked as one that follows from this step. */
  mark<E extends { readonly traceparent?: string }>(event: E): E {
    const { traceparent } = this;
    return traceparent === undefined ? event : { ...event, traceparent };
  }

  note(facts: Facts): void {
    this.#span?.note(facts);
  }

  /** Does the work as a step within this one. */
  run<T>(name: StepName, work: () => Promise<T>, facts?: Facts): Promise<T> {
    if (machinery.metrics === undefined && this.#span === undefined) return work();
    return within(this.within(name, facts), work);
  }

  /** Starts a step within this one. */
  within(name: StepName, facts: Facts = {}): Step {
    return new Step(name, { parent: this.traceparent, facts });
  }

  /** Ends the step; later calls do nothing. @param error the code of what went wrong, if anything did */
  end(error?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    machinery.metrics?.record('steps', (performance.now() - this.#begunAt) / 1_000, {
      step: this.#name,
      error,
    });
    this.#span?.end(error);
  }
}

export const startStep = (name: StepName, options: Omit<SpanOptions, 'name'> = {}): Step =>
  new Step(name, options);

/** Does the work as a step, which ends with the work. */
export const runStep = <T>(
  name: StepName,
  options: Omit<SpanOptions, 'name'>,
  work: (step: Step) => Promise<T>,
): Promise<T> => {
  const step = startStep(name, options);
  return within(step, () => work(step));
};

async function within<T>(step: Step, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    step.end();
    return result;
  } catch (error) {
    step.end(errorType(error));
    throw error;
  }
}

/** An error's code or name, never its message, which could quote a phrase. */
function errorType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** The same place in a trace, with the flag that nothing following from it is recorded. */
export const unsampled = (traceparent: string | undefined): string | undefined =>
  traceparent?.replace(/-[0-9a-f]{2}$/, '-00');
