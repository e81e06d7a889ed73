/**
 * Turns a rendered template into a letter. A template writes one part of the letter per line, which begins with a mark
 * and can be indented:
 *
 * ```
 * [subject] …           [status good] …       [progress] …     [next] …
 * [title] …             [lead] …              [faults] …       [command] …   (of the step before it)
 * [description] …       [fact Cost] …         [link Open] …
 * ```
 *
 * A part without words is omitted. `[progress]` and `[faults]` are headings; their content comes from the event.
 */
import type { Content } from './content.ts';
import { type Letter, type Step, TONES, type Tone } from './letter.ts';
import { clip, harmless } from './wording.ts';

/** What each mark takes besides its words. */
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

/** The parts that every letter has; a template writes them outside any section. */
export const REQUIRED_MARKS = ['subject', 'title', 'status', 'lead'] as const;

const LINE = /^\s*\[(\w+)(?: ([^\]]+))?\]\s*(.*?)\s*$/;
/** The greatest length of a subject, for mail headers and for readers. */
const SUBJECT_CHARACTERS = 200;

interface Part {
  readonly mark: string;
  readonly label: string;
  readonly words: string;
}

/** Where a letter has one part of a kind and the template gives several, the first one with words counts. */
export function letterOf(rendered: string, { setId, segments, faults }: Omit<Content, 'variables'>): Letter {
  const parts = rendered.split('\n').flatMap(partOf);
  const first = (wanted: string): Part | undefined => parts.find(({ mark }) => mark === wanted);
  const words = (wanted: string): string => first(wanted)?.words ?? '';
  const description = words('description');
  const status = first('status');
  const progress = words('progress');
  const heading = words('faults');
  const link = first('link');
  return {
    subject: clip(words('subject'), SUBJECT_CHARACTERS),
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
