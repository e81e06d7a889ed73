/** What the console's API answers, as the page uses it. `/reference` has all of it. */
export interface Counts {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly paid: number;
  readonly reused: number;
  readonly recovered: number;
  readonly requested: number;
}

export type SetState = 'running' | 'paused' | 'completed' | 'cancelled' | 'rejected';
export type Priority = 'high' | 'normal' | 'low';

export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}

export interface SetSummary {
  readonly setId: string;
  readonly set: { readonly name: string; readonly description?: string; readonly location: string };
  readonly state: SetState;
  readonly stalled?: { readonly since: string };
  readonly provider?: 'local' | 'polly';
  readonly priority: Priority;
  readonly counts: Counts;
  readonly billedCharacters: number;
  readonly costUsd: string;
  readonly savedUsd: string;
  readonly estimatedUsd: string;
  readonly acceptedAt: string;
  readonly startedAt: string;
  readonly moved: { readonly at: string };
  /** Where its set file came from, as a URI. */
  readonly source: string;
  readonly endedAt?: string;
  readonly round: number;
  readonly problems?: readonly Problem[];
  readonly problemCount?: number;
  readonly chain: { readonly events: number; readonly head: string };
  readonly lastSeq: number;
}

/** What became of an item: asked for, paid, reused, recovered, failed. */
export type Mark = 'r' | 'p' | 'u' | 'c' | 'f';

export interface Item {
  readonly index: number;
  readonly attempt: number;
  readonly lane: string;
  readonly file: string;
  readonly state: 'requested' | 'completed' | 'failed';
  readonly how?: 'paid' | 'reused' | 'recovered';
  readonly bytes?: number;
  readonly durationMs?: number;
  readonly billedCharacters?: number;
  readonly code?: string;
  readonly message?: string;
  readonly remedy?: string;
  readonly tries?: number;
  readonly text?: string;
  readonly voice?: string;
  readonly format?: string;
  readonly characters?: number;
}

export interface Timeline {
  readonly from: number;
  readonly items: readonly (readonly [seq: number, ms: number, mark: Mark, index: number])[];
  readonly life: readonly { seq: number; ms: number; event: string; who?: string }[];
}

export interface Change {
  readonly sets?: readonly SetSummary[];
  readonly items?: readonly (readonly [index: number, mark: Mark, seq: number])[];
}

export interface QuotaUse {
  readonly until: number;
  readonly engines: readonly {
    readonly engine: string;
    readonly operation: string;
    readonly calls: readonly number[];
    readonly throttled: readonly number[];
  }[];
  readonly dispatchers: readonly string[];
  /** The quotas that are kept. */
  readonly allowed: readonly { engine: string; operation: string; rps: number; burst: number }[];
}

export interface Money {
  readonly spentUsd: string;
  readonly savedUsd: string;
  readonly days: readonly {
    day: string;
    spentUsd: string;
    savedUsd: string;
    billedCharacters: number;
    sets: number;
  }[];
  readonly sets: readonly {
    setId: string;
    name: string;
    spentUsd: string;
    savedUsd: string;
    billedCharacters: number;
  }[];
}

/** What checking a set file found. */
export interface Checked {
  readonly ok: boolean;
  readonly set?: string;
  readonly items?: number;
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  readonly warnings: readonly Problem[];
}

export type PlanState = 'new' | 'changed' | 'gone' | 'anew' | 'cached';

/** What making a set would come to. */
export interface Plan {
  readonly set: string;
  readonly prefix: string;
  readonly provider: string;
  readonly itemCount: number;
  readonly states: Readonly<Record<PlanState, number>>;
  readonly billedCharacters: number;
  readonly estimatedUsd: string;
  readonly byPollyUsd?: string;
  readonly estimatedSeconds: number;
  /** Why it would be refused for its cost. */
  readonly problem?: Problem;
  readonly items: readonly PlanItem[];
  readonly removed: number;
  readonly renamed: number;
  /** Nobody answers about its lexicons: items with lexicons count as new. */
  readonly lexiconsUnknown: boolean;
  /** The console has no store to look into: all that is paid for counts as there. */
  readonly audioUnknown: boolean;
}

interface PlanItem {
  readonly index: number;
  readonly file: string;
  readonly voice: string;
  readonly engine: string;
  readonly state: PlanState;
}
