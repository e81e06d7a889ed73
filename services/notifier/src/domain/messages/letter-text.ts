/** A letter as plain text: what every mail program shows, and what logs, phones and scripts read. */
import type { Fact, FaultList, Letter, Progress, Step } from './letter.ts';
import { harmless, number } from './wording.ts';

export function letterText(letter: Letter): string {
  const sections = [
    [letter.lead],
    factLines([...(letter.progress ? [progressFact(letter.progress)] : []), ...letter.facts]),
    letter.faults ? faultLines(letter.faults) : [],
    stepLines(letter.next),
    [`Set ${letter.setId}`],
  ];
  const blocks = sections.filter((lines) => lines.length > 0).map((lines) => lines.map(harmless).join('\n'));
  return `${blocks.join('\n\n')}\n`;
}

function progressFact({ summary, segments }: Progress): Fact {
  const ways = segments.map(({ count, label }) => `${number(count)} ${label}`).join(', ');
  return { label: 'Progress', value: `${summary} (${ways})` };
}

function factLines(facts: readonly Fact[]): string[] {
  const width = Math.max(0, ...facts.map(({ label }) => label.length)) + 2;
  return facts.map(({ label, value }) => `${`${label}:`.padEnd(width)}${value}`);
}

/** One line each, in the form in which editors and `setlist validate` name a place. */
const faultLines = ({ heading, faults }: FaultList): string[] => [
  `${heading}:`,
  ...faults.map(({ where, problem, remedy }) => `  ${where}: ${problem} (${remedy})`),
];

const stepLines = (steps: readonly Step[]): string[] => [
  'What next:',
  ...steps.flatMap(({ what, command }) => [
    `  ${what}`,
    ...(command === undefined ? [] : [`    ${command}`]),
  ]),
];
