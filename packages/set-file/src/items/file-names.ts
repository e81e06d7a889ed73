/** Names the files of a set: as in the reference unless an item gives a name, each name once, all within the prefix. */
import {
  checkObjectKey,
  type Digest,
  DigestTable,
  digestOf,
  foldersOf,
  foldObjectKey,
  MANIFEST_FILES,
  type ObjectKeyProblem,
  quote,
} from '@setlist/contracts';
import { FORMATS, OUTPUT_FORMATS, type OutputFormat } from '@setlist/polly';
import type { Fields } from '../fields/read-fields.ts';
import { isWithin } from '../problems.ts';
import { nameOf, type ScalarNode } from '../source/source-nodes.ts';
import { CompatExtensions } from './compat-extensions.ts';
import { defaultFileName } from './default-file-name.ts';
import type { ItemContext } from './item-context.ts';
import { type Hashed, hashed, MadeNameTable } from './made-name-table.ts';
import { engineMakes, otherFormat } from './other-format.ts';

/** How many folders deep a written name can be. */
const MAX_FOLDERS = 32;
/** In a watched folder, a file with such an extension would be taken for a set file. */
const SET_FILE_EXTENSIONS: ReadonlySet<string> = new Set(['yml', 'yaml', 'json']);

/** The names given so far in one set. In tables, items are counted from 1. */
export class FileNames {
  readonly #prefix: string | undefined;
  readonly #compat: boolean;
  /** Names as written. */
  readonly #written = new DigestTable();
  /** In this table and those below, names that some file systems can't tell apart are one name. */
  readonly #folded = new DigestTable();
  readonly #made = new MadeNameTable();
  readonly #folders = new DigestTable();
  readonly #extensions = new CompatExtensions();

  /** @param prefix undefined if it can't be used, which was reported */
  constructor(prefix: string | undefined, compat: boolean) {
    this.#prefix = prefix;
    this.#compat = compat;
  }

  /** The item's file without the prefix, or undefined if it can't have one. */
  name(context: ItemContext, fields: Fields, text: string | undefined): string | undefined {
    const node = fields.values['output-file'];
    const { format } = context;
    if (node === null || !format) return undefined;
    if (node?.kind === 'scalar') {
      const file = nameOf(node);
      const at = { at: node.start, path: `${context.path}.output-file` };
      if (!this.#checkWritten(context, node, at)) return undefined;
      // If the name comes from a merge, this item needs another one.
      const own = isWithin(fields, at.at) ? at : { ...at, at: context.at };
      const name = named(file);
      this.#checkAlone(context, name, own);
      const number = context.index + 1;
      this.#written.add(name.written, number);
      this.#folded.add(name.folded.digest, number);
      for (const { digest } of name.folders) this.#folders.add(digest, number);
      return file;
    }
    if (text === undefined) return undefined;
    const file = defaultFileName(context.index, text, format.value, this.#compat);
    if (this.#compat) this.#extensions.note(context, format.value);
    const name = named(file);
    this.#checkAlone(context, name, { at: context.at, path: context.path });
    this.#made.add(name.folded.digest, context.index);
    return file;
  }

  #checkWritten(context: ItemContext, node: ScalarNode, at: Place): boolean {
    const file = nameOf(node);
    const fault =
      leavesPrefix(file) ??
      isTooDeep(file) ??
      isManifest(file) ??
      isSetlistsOwn(`${this.#prefix}/${file}`) ??
      wouldBeSetFile(file, context) ??
      this.#keyFault(file);
    if (fault) context.report({ ...at, code: 'bad-file-name', ...fault });
    if (fault && !fault.lenient) return false;
    this.#checkExtension(context, node, at);
    return true;
  }

  /** Lenient problems of the prefix were reported with the prefix. */
  #keyFault(file: string): ObjectKeyProblem | undefined {
    const fault = this.#prefix === undefined ? undefined : checkObjectKey(`${this.#prefix}/${file}`);
    return fault === undefined || fault.lenient ? checkObjectKey(file) : fault;
  }

  #checkExtension(context: ItemContext, node: ScalarNode, at: Place): void {
    if (!context.format) return;
    const format = context.format.value;
    const file = nameOf(node);
    const extension = extensionOf(file);
    const { extensions } = FORMATS[format];
    if (extensions.includes(extension)) return;
    if (extension === '' && node.comment !== undefined) {
      const message = `${quote(file)} has no extension: ${quote(node.comment)} is read as a comment`;
      const remedy = `put the whole name in quotes if that is part of it, and end it in .${extensions[0]}`;
      context.report({ ...at, code: 'extension', message, remedy, lenient: true });
      return;
    }
    const message =
      extension === ''
        ? `${quote(file)} has no extension`
        : `.${extension} does not fit the format ${format}`;
    const meant = OUTPUT_FORMATS.filter(
      (other) => FORMATS[other].extensions.includes(extension) && engineMakes(other, context),
    );
    const change = meant.map((other) => otherFormat(other, context)).join(' or ');
    const isWav = extension === 'wav';
    const remedy = isWav
      ? insteadOfWav(format, context)
      : `end the name in .${extensions[0]}${change === '' ? '' : `, or write ${change}`}`;
    context.report({ ...at, code: 'extension', message, remedy, lenient: true, noCompatHint: isWav });
  }

  /** A name, in any case, belongs to the first item that uses it, and no file can also be a folder. */
  #checkAlone(context: ItemContext, { file, written, folded, folders }: Name, at: Place): void {
    const made = this.#made.find(folded);
    const same = (isLikeMade(file) ? made : undefined) ?? holderOf(written, this.#written);
    const similar = made ?? holderOf(folded.digest, this.#folded);
    const clash = holderOf(folded.digest, this.#folders) ?? this.#fileAmong(folders);
    if (same !== undefined) reportSame(context, file, same, at);
    else if (similar !== undefined) reportSimilar(context, file, similar, at);
    else if (clash !== undefined) reportClash(context, file, clash, at);
  }

  #fileAmong(folders: readonly Hashed[]): number | undefined {
    const holders = folders.map((folder) => holderOf(folder.digest, this.#folded) ?? this.#made.find(folder));
    return holders.find((holder) => holder !== undefined);
  }
}

/** A file's name as written, folded as some file systems do, and the folders it lies in. */
interface Name {
  readonly file: string;
  readonly written: Digest;
  readonly folded: Hashed;
  readonly folders: readonly Hashed[];
}

function named(file: string): Name {
  const folded = foldObjectKey(file);
  return {
    file,
    written: digestOf(file),
    folded: hashed(folded),
    folders: foldersOf(folded).map(hashed),
  };
}

/** The item that has a name in a table. */
function holderOf(name: Digest, table: DigestTable): number | undefined {
  const number = table.get(name);
  return number === undefined ? undefined : number - 1;
}

/** Whether a name has the form of default names: if it folds to the same as a default name, the two are equal. */
const isLikeMade = (file: string): boolean => /^[a-z\d_.-]*$/.test(file);

type Place = { readonly at: number; readonly path: string };

const MANIFESTS: ReadonlySet<string> = new Set(Object.values(MANIFEST_FILES).map(foldObjectKey));

/** The names that Setlist itself writes below the prefix; a folder can't use them either. */
function isManifest(file: string): ObjectKeyProblem | undefined {
  const [first = ''] = file.split('/', 1);
  if (!MANIFESTS.has(foldObjectKey(first))) return undefined;
  return {
    message: `${quote(first)} is where the set's manifest is written when the set ends`,
    remedy: first === file ? 'give the file another name' : 'give the folder another name',
  };
}

/** The files that Setlist itself keeps in STORE, where the sets' files also go unless OUTPUT is set. */
const SETLISTS_OWN = /^(?:audio\/[0-9a-f]{64}\.|setfiles\/[0-9a-f]{64}|drops\/\d{8}t\d{6}-)/i;

function isSetlistsOwn(key: string): ObjectKeyProblem | undefined {
  if (!SETLISTS_OWN.test(key)) return undefined;
  return {
    message: `${quote(key)} is a name that Setlist uses for its own files`,
    remedy: 'choose another one',
  };
}

function reportSame(context: ItemContext, file: string, holder: number, at: Place): void {
  const message = `item ${holder} already has the file ${quote(file)}, and one would overwrite the other`;
  const remedy = 'give this item another "output-file"';
  context.report({ ...at, code: 'duplicate-file', message, remedy });
}

/** Case-sensitive stores can hold both names, as the reference's bucket did, so compat accepts them. */
function reportSimilar(context: ItemContext, file: string, holder: number, at: Place): void {
  const message = `${quote(file)} differs from the file of item ${holder} only in case or in how accents are encoded, which macOS and Windows take for the same file`;
  context.report({ ...at, code: 'similar-file', message, remedy: 'rename one of them', lenient: true });
}

function reportClash(context: ItemContext, file: string, holder: number, at: Place): void {
  const message = `${quote(file)} and the file of item ${holder} can't both exist: one is the other's folder`;
  context.report({ ...at, code: 'file-is-folder', message, remedy: 'rename one of them' });
}

function leavesPrefix(file: string): ObjectKeyProblem | undefined {
  const leaves = /^(?:[A-Za-z]:)?[/\\]/.test(file) || file.split(/[/\\]/).includes('..');
  if (!leaves) return undefined;
  return {
    message: `${quote(file)} leaves the set's prefix`,
    remedy: 'write a name without "..", drive letter or leading slash',
  };
}

function isTooDeep(file: string): ObjectKeyProblem | undefined {
  const folders = file.split('/').length - 1;
  if (folders <= MAX_FOLDERS) return undefined;
  const message = `${quote(file)} is ${folders} folders deep; the limit is ${MAX_FOLDERS}`;
  return { message, remedy: 'use fewer folders' };
}

function wouldBeSetFile(file: string, context: ItemContext): ObjectKeyProblem | undefined {
  const extension = extensionOf(file);
  const format = context.format?.value;
  if (!format || !SET_FILE_EXTENSIONS.has(extension) || format === extension) return undefined;
  const isMarks = extension === 'json' && engineMakes(extension, context);
  const change = isMarks ? `, or write ${otherFormat(extension, context)} for speech marks` : '';
  const remedy = `end the name in .${FORMATS[format].extension}${change}`;
  return { message: `${quote(file)} is named like a set file, and would be mistaken for one`, remedy };
}

function insteadOfWav(format: OutputFormat, context: ItemContext): string {
  const pcm = format === 'pcm' ? '' : `, or write ${otherFormat('pcm', context)} and end it in .pcm`;
  const own = `end the name in .${FORMATS[format].extension}${pcm}`;
  return `Polly makes no WAV: ${own}; docs/by-use.md shows how to make WAV from pcm`;
}

function extensionOf(file: string): string {
  return /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase() ?? '';
}
