/** The template files: the notifier's own, and an operator's that replace them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NOTICE_KINDS } from '../domain/notice-kind.ts';

const OWN_FOLDER = fileURLToPath(new URL('../../templates', import.meta.url));
const PARTIALS = 'partials';
const EXTENSION = '.mustache';

/** The two layouts that turn a letter into a mail. */
export const LAYOUTS = { text: 'mail.txt', html: 'mail.html' } as const;
const TEMPLATES: readonly string[] = [...NOTICE_KINDS, LAYOUTS.text, LAYOUTS.html];

export interface TemplateFile {
  /** The name without its extension, `completed` or `mail.html`; of a partial, the name that templates use. */
  readonly name: string;
  /** The path that faults name. */
  readonly path: string;
  readonly source: string;
}

export interface TemplateFiles {
  readonly templates: ReadonlyMap<string, TemplateFile>;
  readonly partials: ReadonlyMap<string, TemplateFile>;
  /** The operator's files that replace nothing. */
  readonly strangers: readonly string[];
}

/**
 * Reads the notifier's own templates, then those in `overrides`, which replace them by name. Partials can have new
 * names; any other new name is a stranger.
 *
 * @throws the file system's error if `overrides` can't be read
 */
export function readTemplateFiles(overrides: string | undefined): TemplateFiles {
  const own = readFolder(OWN_FOLDER);
  const theirs = overrides === undefined ? { templates: [], partials: [] } : readFolder(overrides);
  const named = (files: readonly TemplateFile[]) => files.map((file) => [file.name, file] as const);
  const known = theirs.templates.filter(({ name }) => TEMPLATES.includes(name));
  return {
    templates: new Map([...named(own.templates), ...named(known)]),
    partials: new Map([...named(own.partials), ...named(theirs.partials)]),
    strangers: theirs.templates.filter((file) => !known.includes(file)).map(({ path }) => path),
  };
}

function readFolder(folder: string): { templates: TemplateFile[]; partials: TemplateFile[] } {
  const entries = readdirSync(folder);
  const partials = join(folder, PARTIALS);
  return {
    templates: filesIn(folder, entries),
    partials: entries.includes(PARTIALS) ? filesIn(partials, readdirSync(partials)) : [],
  };
}

const filesIn = (folder: string, entries: readonly string[]): TemplateFile[] =>
  entries
    .filter((entry) => entry.endsWith(EXTENSION))
    .map((entry) => {
      const path = join(folder, entry);
      return { name: entry.slice(0, -EXTENSION.length), path, source: readFileSync(path, 'utf8') };
    });
