/** Who asks, and what they may: read what there is, listen to audio, operate sets; all sets, or those of some names. */

export const SCOPES = ['read', 'listen', 'operate'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Caller {
  /** As events say it: `who`. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Until when they are known to be who they say, in ms since 1970; always, where nobody is asked. */
  readonly until?: number;
  /** Whether no name is kept from them: what all sets come to together is for these only. */
  readonly seesAllSets: boolean;
  /** Whether sets of this name are theirs to see. */
  maySee(setName: string): boolean;
}

/** Where nobody is asked who they are: only on this machine's own addresses. */
export const localCaller: Caller = {
  name: 'console@localhost',
  scopes: new Set(SCOPES),
  seesAllSets: true,
  maySee: () => true,
};

/** Names that match one of the patterns, in which `*` stands for anything; every name where none is given. */
export function namePatterns(patterns: readonly string[] | undefined): (name: string) => boolean {
  if (patterns === undefined) return () => true;
  const matchers = patterns.map((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 's');
  });
  return (name) => matchers.some((matcher) => matcher.test(name));
}
