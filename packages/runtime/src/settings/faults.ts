/** An error that reports everything wrong with something an operator wrote. */

export interface FaultWords<F> {
  readonly lineOf: (fault: F) => string;
  /** What to do about all of them. */
  readonly remedy: string;
}

/** The message has a line for each fault; none may contain a secret. */
export class Faults<F = unknown> extends Error {
  override readonly name = 'Faults';
  readonly code: string;
  readonly remedy: string;
  readonly faults: readonly F[];

  /** @param of the thing with faults, in the plural: `settings` */
  constructor(of: string, faults: readonly F[], { lineOf, remedy }: FaultWords<F>) {
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    super([`The ${of} have ${count}:`, ...faults.map((fault) => `  ${lineOf(fault)}`)].join('\n'));
    this.code = `${of.toUpperCase()}_INVALID`;
    this.remedy = remedy;
    this.faults = faults;
  }
}
