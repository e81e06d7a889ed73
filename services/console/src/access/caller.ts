/** A caller and their permissions: read, listen to audio, operate sets; on all sets, or on sets with certain names. */

export const SCOPES = ['read', 'listen', 'operate'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Caller {
  /** Recorded as `who` in events. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** When the token stops being accepted, in ms since 1970; absent when no token is asked for. */
  readonly until?: number;
  /** Whether they can see sets of every name: only then do they see totals over all sets. */
  readonly seesAllSets: boolean;
  /** Whether they can see sets of this name. */
  maySee(setName: string): boolean;
}

/** The caller of every request when no token is asked for, which is allowed on loopback addresses only. */
export const localCaller: Caller = {
  name: 'console@localhost',
  scopes: new Set(SCOPES),
  seesAllSets: true,
  maySee: () => true,
};

/** Matches names against patterns in which `*` stands for anything; without patterns, every name matches. */
export function namePatterns(patterns: readonly string[] | undefined): (name: string) => boolean {
  if (patterns === undefined) return () => true;
  const matchers = patterns.map((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 's');
  });
  return (name) => matchers.some((matcher) => matcher.test(name));
}
