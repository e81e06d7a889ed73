/** Tries templates with the variables empty that may be, so that no message comes without one of its four parts. */
import type { Letter } from '../domain/messages/letter.ts';
import { letterOf, REQUIRED_MARKS } from '../domain/messages/letter-script.ts';
import { MAY_BE_EMPTY, VARIABLES } from '../domain/messages/variables.ts';
import type { NoticeKind } from '../domain/notice-kind.ts';
import { asItIs, type Render } from './render.ts';

type Part = (typeof REQUIRED_MARKS)[number];

export interface Wordless {
  readonly part: Part;
  /** `… comes out without words where description is empty`. */
  readonly problem: string;
}

/**
 * The parts that come out without words where some of the variables are empty, and of which ones.
 * @param used the names that the template and its partials use
 */
export function wordlessParts(kind: NoticeKind, used: ReadonlySet<string>, render: Render): Wordless[] {
  const found = new Map<Part, readonly string[]>();
  for (const empty of subsetsOf(MAY_BE_EMPTY[kind].filter((name) => used.has(name)))) {
    const letter = letterWith(kind, empty, render);
    for (const part of REQUIRED_MARKS) {
      if (wordsOf(letter, part) === '' && !found.has(part)) found.set(part, empty);
    }
  }
  return [...found].map(([part, empty]) => ({
    part,
    problem: `[${part}] comes out without words where ${emptiness(empty)}`,
  }));
}

/** The smaller ones of those in which a name stands first; none of them at the very first. */
function* subsetsOf(names: readonly string[]): Generator<readonly string[]> {
  for (let subset = 0; subset < 2 ** names.length; subset++) {
    yield names.filter((_, at) => subset & (1 << at));
  }
}

function letterWith(kind: NoticeKind, empty: readonly string[], render: Render): Letter {
  const variables = Object.fromEntries(
    VARIABLES[kind].map((name) => [name, empty.includes(name) ? '' : '…']),
  );
  const content = { kind, setId: '…', variables, segments: [], faults: [] };
  return letterOf(render(kind, variables, asItIs), content);
}

const wordsOf = (letter: Letter, part: Part): string =>
  part === 'status' ? letter.status.label : letter[part];

const emptiness = (names: readonly string[]): string => {
  if (names.length === 0) return 'none of its variables is empty';
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} empty`;
};
