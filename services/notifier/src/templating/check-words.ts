/** Renders templates with every combination of empty variables, so that no message lacks one of its four parts. */
import type { Letter } from '../domain/messages/letter.ts';
import { letterOf, REQUIRED_MARKS } from '../domain/messages/letter-script.ts';
import { MAY_BE_EMPTY, VARIABLES } from '../domain/messages/variables.ts';
import type { NoticeKind } from '../domain/notice-kind.ts';
import { asItIs, type Render } from './render.ts';

type Part = (typeof REQUIRED_MARKS)[number];

export interface Wordless {
  readonly part: Part;
  /** `… has no words if description is empty`. */
  readonly problem: string;
}

/**
 * The parts without words if certain variables are empty, and which variables those are.
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
    problem: `[${part}] has no words if ${emptiness(empty)}`,
  }));
}

/** Every subset, the empty one first; a subset comes before the larger ones that contain it. */
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
