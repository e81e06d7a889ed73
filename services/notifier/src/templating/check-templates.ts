/** Checks templates against what they can use, so that a mistake shows at the start and not in a message. */
import { messageOf } from '@setlist/runtime';
import mustache, { type TemplateSpans } from 'mustache';
import { TONES } from '../domain/messages/letter.ts';
import { MARKS, REQUIRED_MARKS } from '../domain/messages/letter-script.ts';
import { VARIABLES } from '../domain/messages/variables.ts';
import { NOTICE_KINDS, type NoticeKind } from '../domain/notice-kind.ts';
import { alwaysSaysLead, wordlessParts } from './check-words.ts';
import { LAYOUT_VARIABLES } from './layout-view.ts';
import { rendererOf } from './render.ts';
import { LAYOUTS, type TemplateFile, type TemplateFiles } from './template-files.ts';

/** One fault, its place, and what to do: `completed.mustache:4: …`. */
export interface TemplateFault {
  readonly path: string;
  readonly line: number;
  readonly problem: string;
}

type Span = TemplateSpans[number];

/** Every fault of every template and of the partials that they use. */
export function checkTemplates(files: TemplateFiles): TemplateFault[] {
  const faults = [
    ...files.strangers.map((path) => ({
      path,
      line: 1,
      problem: `replaces no template; those are ${[...NOTICE_KINDS, ...Object.values(LAYOUTS)].join(', ')}`,
    })),
    ...NOTICE_KINDS.flatMap((kind) => checkScript(kind, files)),
    ...Object.values(LAYOUTS).flatMap((layout) => checkLayout(layout, files)),
  ];
  // Templates that share a partial each find its faults.
  return [
    ...new Map(faults.map((fault) => [`${fault.path}:${fault.line}:${fault.problem}`, fault])).values(),
  ];
}

function checkScript(kind: NoticeKind, files: TemplateFiles): TemplateFault[] {
  const faults: TemplateFault[] = [];
  const used = new Set<string>();
  for (const file of withPartials(kind, files, faults)) {
    const spans = parsed(file, faults);
    faults.push(...checkNames(file, spans, VARIABLES[kind]), ...checkLines(file));
    for (const [, name] of everySpan(spans)) used.add(name);
  }
  const file = files.templates.get(kind);
  if (file === undefined || faults.length > 0) return faults;
  const { path, source } = file;
  const always = alwaysIn(file, files).map(([type, text]) => (type === 'text' ? text : ''));
  const missing = REQUIRED_MARKS.filter((mark) => !lineOf(mark).test(always.join('')));
  const marks = missing.map((mark) => `[${mark}]`).join(', ');
  if (marks !== '') return [{ path, line: 1, problem: `has no line ${marks} outside of every section` }];
  return wordlessParts(kind, used, rendererOf(files)).map(({ part, problem }) => {
    const at = lineOf(part).exec(source)?.index ?? 0;
    return { path, line: lineAt(source, at), problem };
  });
}

const lineOf = (mark: string): RegExp => new RegExp(`^[ \\t]*\\[${mark}\\b`, 'm');

/** The text outside every section, partials included. Must not be called for partials that include themselves. */
function alwaysIn(file: TemplateFile, files: TemplateFiles): Span[] {
  return parsed(file, []).flatMap((span) => {
    const partial = span[0] === '>' ? files.partials.get(span[1]) : undefined;
    return partial === undefined ? [span] : alwaysIn(partial, files);
  });
}

function checkLayout(name: string, files: TemplateFiles): TemplateFault[] {
  const faults: TemplateFault[] = [];
  for (const file of withPartials(name, files, faults)) {
    const spans = parsed(file, faults);
    faults.push(...checkNames(file, spans, LAYOUT_VARIABLES));
    if (name === LAYOUTS.html) faults.push(...checkEscapes(file, spans));
  }
  const file = files.templates.get(name);
  if (file === undefined || faults.length > 0) return faults;
  if (alwaysSaysLead(name, rendererOf(files))) return [];
  const problem = 'leaves {{lead}} out of some mails: one could come without a word';
  return [{ path: file.path, line: 1, problem }];
}

/** The template and the partials that it uses, directly or indirectly. */
function withPartials(name: string, files: TemplateFiles, faults: TemplateFault[]): TemplateFile[] {
  const root = files.templates.get(name);
  const found = root === undefined ? [] : [root];
  for (const file of found) {
    for (const [, wanted, start] of partialsIn(file)) {
      const at = { path: file.path, line: lineAt(file.source, start) };
      const partial = files.partials.get(wanted);
      if (partial === undefined) {
        const known = [...files.partials.keys()].join(', ');
        faults.push({ ...at, problem: `there is no partial ${wanted}; there are ${known}` });
        continue;
      }
      if (leadsTo(partial, file, files)) {
        faults.push({
          ...at,
          problem: `the partial ${wanted} includes this file again, so no message would end`,
        });
      }
      if (!found.includes(partial)) found.push(partial);
    }
  }
  return found;
}

const partialsIn = (file: TemplateFile): Span[] =>
  [...everySpan(parsed(file, []))].filter(([type]) => type === '>');

/** Whether a file is the other one, or uses it, directly or indirectly. */
function leadsTo(
  from: TemplateFile,
  to: TemplateFile,
  files: TemplateFiles,
  seen = new Set<TemplateFile>(),
): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return partialsIn(from).some(([, name]) => {
    const partial = files.partials.get(name);
    return partial !== undefined && leadsTo(partial, to, files, seen);
  });
}

function parsed({ path, source }: TemplateFile, faults: TemplateFault[]): TemplateSpans {
  try {
    return mustache.parse(source);
  } catch (error) {
    const message = messageOf(error);
    const [, what = message, at] = /^(.*) at (\d+)$/s.exec(message) ?? [];
    const problem = `is not a template: ${what.toLowerCase()}`;
    faults.push({ path, line: at === undefined ? 1 : lineAt(source, Number(at)), problem });
    return [];
  }
}

function* everySpan(spans: TemplateSpans): Generator<Span> {
  for (const span of spans) {
    yield span;
    const inner = span[4];
    if (Array.isArray(inner)) yield* everySpan(inner);
  }
}

const NAMING: ReadonlySet<string> = new Set(['name', '&', '#', '^']);

function checkNames(file: TemplateFile, spans: TemplateSpans, known: readonly string[]): TemplateFault[] {
  return [...everySpan(spans)]
    .filter(([type, name]) => NAMING.has(type) && name !== '.' && !known.includes(name))
    .map(([, name, start]) => ({
      path: file.path,
      line: lineAt(file.source, start),
      problem: `there is no variable ${name} here; there are ${known.join(', ')}`,
    }));
}

/** Each line must begin with its own mark: otherwise users' words could be taken for one. */
function checkLines({ path, source }: TemplateFile): TemplateFault[] {
  const withoutComments = source.replace(/\{\{![\s\S]*?\}\}/g, (comment) => comment.replace(/[^\n]/g, ''));
  return withoutComments.split('\n').flatMap((text, at) => {
    const problem = lineProblem(text.replace(/^(\s*\{\{[#^/>][^}]*\}\})+/, '').trim());
    return problem === undefined ? [] : [{ path, line: at + 1, problem }];
  });
}

function lineProblem(line: string): string | undefined {
  if (line === '') return undefined;
  const [, mark = '', label] = /^\[(\w+)(?: ([^\]{}]+))?\]/.exec(line) ?? [];
  const takes = MARKS[mark];
  if (takes === undefined) {
    const marks = Object.keys(MARKS).map((known) => `[${known}]`);
    return `does not begin with a mark; a line begins with one of ${marks.join(' ')}`;
  }
  if (takes === 'nothing') return label === undefined ? undefined : `[${mark}] takes no label`;
  if (label === undefined) return `[${mark}] needs ${takes}: [${mark} …]`;
  if (takes === 'a tone' && !TONES.some((tone) => tone === label)) {
    return `there is no tone ${label}; there are ${TONES.join(', ')}`;
  }
  return undefined;
}

const checkEscapes = ({ path, source }: TemplateFile, spans: TemplateSpans): TemplateFault[] =>
  [...everySpan(spans)]
    .filter(([type]) => type === '&')
    .map(([, name, start]) => ({
      path,
      line: lineAt(source, start),
      problem: `would put ${name} into the page as markup; write {{${name}}}`,
    }));

const lineAt = (source: string, position: number): number => source.slice(0, position).split('\n').length;
