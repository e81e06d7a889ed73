/** Tries templates with the variables and parts that can be empty, so that no message lacks a required part. */
import type { Letter } from '../domain/messages/letter.ts';
import { letterOf, REQUIRED_MARKS } from '../domain/messages/letter-script.ts';
import { MAY_BE_EMPTY, VARIABLES } from '../domain/messages/variables.ts';
import type { NoticeKind } from '../domain/notice-kind.ts';
import { layoutView } from './layout-view.ts';
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
  return letterOf(render(kind, variables, asItIs), { setId: '…', segments: [], faults: [] });
}

const wordsOf = (letter: Letter, part: Part): string =>
  part === 'status' ? letter.status.label : letter[part];

const emptiness = (names: readonly string[]): string => {
  if (names.length === 0) return 'none of its variables is empty';
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} empty`;
};

/** A lead that no layout contains by chance. */
const MARKED_LEAD = '⟦lead⟧';
const BARE_LETTER: Letter = {
  subject: '…',
  title: '…',
  status: { label: '…', tone: 'plain' },
  lead: MARKED_LEAD,
  facts: [],
  next: [],
  setId: '…',
};
/** The parts that not every letter has, as a letter has them. */
const OTHER_PARTS: Partial<Letter> = {
  description: '…',
  progress: { summary: '…', segments: [{ kind: 'paid', label: '…', count: 1 }] },
  facts: [{ label: '…', value: '…' }],
  faults: { heading: '…', faults: [{ where: '…', problem: '…', remedy: '…' }] },
  next: [{ what: '…', command: '…' }],
  link: { label: '…', url: '…' },
};

/** Whether a layout shows the lead of every letter, no matter which other parts the letter has. */
export function alwaysSaysLead(layout: string, render: Render): boolean {
  const parts = Object.entries(OTHER_PARTS);
  return [...subsetsOf(Object.keys(OTHER_PARTS))].every((names) => {
    const letter = { ...BARE_LETTER, ...Object.fromEntries(parts.filter(([name]) => names.includes(name))) };
    return render(layout, layoutView(letter), asItIs).includes(MARKED_LEAD);
  });
}
