/**
 * From what a template gives to a letter. A template writes one part of the letter a line, led by a mark,
 * which may be indented:
 *
 * ```
 * [subject] …           [status good] …       [progress] …     [next] …
 * [title] …             [lead] …              [faults] …       [command] …   (of the step before it)
 * [description] …       [fact Cost] …         [link Open] …
 * ```
 *
 * A part without words is left out. `[progress]` and `[faults]` are headings: what stands under them is the event's own.
 */
import type { Content } from './content.ts';
import { type Letter, type Step, TONES, type Tone } from './letter.ts';
import { harmless, shorten } from './wording.ts';

/** What each mark takes beside its words. */
export const MARKS: Readonly<Record<string, 'nothing' | 'a tone' | 'a label'>> = {
  subject: 'nothing',
  title: 'nothing',
  description: 'nothing',
  status: 'a tone',
  lead: 'nothing',
  progress: 'nothing',
  fact: 'a label',
  faults: 'nothing',
  link: 'a label',
  next: 'nothing',
  command: 'nothing',
};

/** Every letter has these; a template writes them outside of any section. */
export const REQUIRED_MARKS = ['subject', 'title', 'status', 'lead'] as const;

const LINE = /^\s*\[(\w+)(?: ([^\]]+))?\]\s*(.*?)\s*$/;
/** No mail header is to be longer, and nobody reads further. */
const SUBJECT_CHARACTERS = 200;

interface Part {
  readonly mark: string;
  readonly label: string;
  readonly words: string;
}

/** Of several parts of one kind of which a letter has one, the first with words counts. */
export function letterOf(rendered: string, { setId, segments, faults }: Content): Letter {
  const parts = rendered.split('\n').flatMap(partOf);
  const first = (wanted: string): Part | undefined => parts.find(({ mark }) => mark === wanted);
  const words = (wanted: string): string => first(wanted)?.words ?? '';
  const description = words('description');
  const status = first('status');
  const progress = words('progress');
  const heading = words('faults');
  const link = first('link');
  return {
    subject: shorten(words('subject'), SUBJECT_CHARACTERS),
    title: words('title'),
    ...(description === '' ? {} : { description }),
    status: { label: status?.words ?? '', tone: toneOf(status?.label) },
    lead: words('lead'),
    ...(progress === '' || segments.length === 0 ? {} : { progress: { summary: progress, segments } }),
    facts: parts.filter(({ mark }) => mark === 'fact').map(({ label, words: value }) => ({ label, value })),
    ...(heading === '' || faults.length === 0 ? {} : { faults: { heading, faults } }),
    next: stepsOf(parts),
    ...(link ? { link: { label: link.label, url: link.words } } : {}),
    setId,
  };
}

function partOf(line: string): Part[] {
  const [, mark, label = '', words = ''] = LINE.exec(line) ?? [];
  return mark === undefined || words === '' ? [] : [{ mark, label, words: harmless(words) }];
}

const toneOf = (label: string | undefined): Tone => TONES.find((tone) => tone === label) ?? 'plain';

function stepsOf(parts: readonly Part[]): Step[] {
  const steps: Step[] = [];
  for (const { mark, words } of parts) {
    const before = steps.at(-1);
    if (mark === 'next') steps.push({ what: words });
    else if (mark === 'command' && before && before.command === undefined) {
      steps[steps.length - 1] = { ...before, command: words };
    }
  }
  return steps;
}
