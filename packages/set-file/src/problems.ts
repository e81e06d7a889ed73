/** Collects the problems of a set file: all are counted, and the first ones by position are kept. */
import type { Position } from './source/line-index.ts';
import type { SyntaxFault } from './source/source-nodes.ts';

/** A fault, its position and its remedy. Lines and columns count from 1. */
export type Problem = {
  readonly line: number;
  readonly column: number;
  /** Its place in the structure: `items[3].voice-id`, items counted from 0 as in file names; empty for the file. */
  readonly path: string;
  readonly code: string;
  /** What is wrong; like the remedy, a fragment without a full stop. */
  readonly message: string;
  readonly remedy: string;
};

export type Finding = Omit<Problem, 'line' | 'column'> & {
  /** Offset in the source. */
  readonly at: number;
  /** The reference accepted this and left the decision to Polly: with `compat` it is only a warning. */
  readonly lenient?: true;
  /** With `lenient`: the remedy is the right way, so `compat` is not suggested beside it. */
  readonly noCompatHint?: boolean;
  /** Possibly intended but worth mentioning: only ever a warning. */
  readonly harmless?: true;
  /** Many items can have the same problem, for example through a bad default: reported once for its place. */
  readonly once?: true;
  /** The item, if it has the problem only since it lacks a setting: named with `once`, as the first of its kind. */
  readonly lacking?: { readonly index: number; readonly at: number };
};
export type Report = (finding: Finding) => void;

/** Reports a problem outside `own`, in an aliased or merged value, only once, since many items can share it. */
export const onceOutside =
  (own: { readonly at: number; readonly end: number }, report: Report): Report =>
  (finding) =>
    report(isWithin(own, finding.at) ? finding : { ...finding, once: true });

export const isWithin = (own: { readonly at: number; readonly end: number }, offset: number): boolean =>
  offset >= own.at && offset <= own.end;

type PositionOf = (offset: number) => Position;

/** How many problems are kept; they go into one event, which has to stay below 1 MB. */
const MAX_PROBLEMS = 1_000;
/** How many findings are remembered, so that items that share them through an alias don't report them again. */
const MAX_TOLD = 10_000;
/** The default addition to the remedies of a file that `compat` would accept. */
const COMPAT_HINT = 'or accept it with --compat';

interface FindingsOptions {
  readonly compat: boolean;
  readonly compatHint?: string | undefined;
}

/** How far a syntax fault reaches. */
type FaultReach = { readonly [K in 'from' | 'spoilsLine']?: SyntaxFault[K] | undefined };

/** The findings of one file. Syntax faults suppress other findings in the lines that they break. */
export class Findings {
  readonly #positionOf: PositionOf;
  readonly #brokenLines = new Set<number>();
  /** Lines of which no other syntax fault is reported either, except that reading stops there. */
  readonly #spoiltLines = new Set<number>();
  readonly #compat: boolean;
  readonly #compatHint: string;
  readonly #errors = new FirstFindings();
  readonly #warnings = new FirstFindings();
  readonly #told = new Set<string>();
  #strictCount = 0;

  constructor(positionOf: PositionOf, options: FindingsOptions) {
    this.#positionOf = positionOf;
    this.#compat = options.compat;
    this.#compatHint = options.compatHint ?? COMPAT_HINT;
  }

  /** A syntax fault, from offset `from` on. Other findings in its first and last line are not reported. */
  fault = (finding: Finding, { from = finding.at, spoilsLine }: FaultReach = {}): void => {
    const { line } = this.#positionOf(finding.at);
    if (this.#spoiltLines.has(line) && finding.code !== 'unreadable') return;
    if (spoilsLine) this.#spoiltLines.add(line);
    this.#brokenLines.add(this.#positionOf(from).line);
    this.#brokenLines.add(line);
    this.#strictCount += 1;
    this.#errors.add(finding);
  };

  report: Report = (finding) => {
    if (this.#brokenLines.size > 0 && this.#brokenLines.has(this.#positionOf(finding.at).line)) return;
    const identity = `${finding.at} ${finding.code} ${finding.message}`;
    if (finding.once && this.#told.has(identity)) return;
    if (finding.once || this.#told.size < MAX_TOLD) this.#told.add(identity);
    if (finding.harmless) {
      this.#warnings.add(finding);
      return;
    }
    if (!finding.lenient) this.#strictCount += 1;
    if (finding.lenient && this.#compat) this.#warnings.add(finding);
    else this.#errors.add(finding);
  };

  get count(): number {
    return this.#errors.count;
  }

  problems(): Problem[] {
    const compatHelps = this.#strictCount === 0;
    return this.#errors.sorted().map((finding) => {
      const problem = toProblem(finding, this.#positionOf);
      if (!compatHelps || finding.noCompatHint) return problem;
      return { ...problem, remedy: `${problem.remedy}; ${this.#compatHint}` };
    });
  }

  warnings(): Problem[] {
    return this.#warnings.sorted().map((finding) => toProblem(finding, this.#positionOf));
  }
}

/** Keeps the first findings by position, in whatever order they arrive, and at most about twice as many in memory. */
class FirstFindings {
  #kept: Finding[] = [];
  count = 0;

  add(finding: Finding): void {
    this.count += 1;
    this.#kept.push(finding);
    if (this.#kept.length >= 2 * MAX_PROBLEMS + 2) this.#kept = this.sorted();
  }

  sorted(): Finding[] {
    return this.#kept.toSorted((a, b) => a.at - b.at).slice(0, MAX_PROBLEMS);
  }
}

function toProblem(finding: Finding, positionOf: PositionOf): Problem {
  const { path, code, message, remedy, once, lacking } = finding;
  const problem = { ...positionOf(finding.at), path, code, message, remedy };
  if (!once || lacking === undefined) return problem;
  const first = `the first such item is item ${lacking.index}, on line ${positionOf(lacking.at).line}`;
  const where = 'do so in that item, or here for every item';
  return { ...problem, message: `${message}; ${first}`, remedy: `${remedy}; ${where}` };
}

/** `file:line:column: message (remedy)`, which editors and terminals turn into links. */
export function formatProblem(fileName: string, problem: Problem): string {
  return `${fileName}:${problem.line}:${problem.column}: ${problem.message} (${problem.remedy})`;
}
