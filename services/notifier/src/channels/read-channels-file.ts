/** Reads the operator's file of channels: YAML or JSON, every fault with its line and column, secrets by reference. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Environment } from '@setlist/runtime';
import { type Alias, type Document, isNode, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import {
  CHANNEL_KINDS,
  type ChannelEntry,
  channelEntry,
  channelsFile,
  type TextReference,
} from './channel-schema.ts';
import type { ChannelFault } from './channels-faults.ts';
import { named, yamlProblem } from './fault-words.ts';

export type Path = readonly (string | number)[];

export interface ChannelsFile {
  readonly entries: readonly (readonly [name: string, entry: ChannelEntry])[];
  readonly faults: ChannelFault[];
  /** The place of a path in the file, as `channels.yml:4:7`. */
  where(path: Path): string;
  /** The text, read from wherever it is; undefined if there is none, which is then added to the faults. */
  textAt(reference: TextReference, path: Path): string | undefined;
  /** A path given in the file, resolved relative to the file. */
  pathAt(path: string): string;
}

/** @throws the file system's error if the file can't be read */
export function readChannelsFile(file: string, env: Environment): ChannelsFile {
  const source = readFileSync(file, 'utf8');
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const where = (path: Path): string => at(offsetOf(document, path));
  const faults: ChannelFault[] = document.errors.map((error) => ({
    where: at(error.pos[0]),
    problem: yamlProblem(error),
  }));
  if (faults.length === 0) faults.push(...aliasFaults(document, at));
  const entries = faults.length === 0 ? entriesOf(document.toJS(BOUNDED), faults, where) : [];
  const pathAt = (path: string): string => resolve(dirname(file), path);

  return {
    entries,
    faults,
    where,
    pathAt,
    textAt(reference, path) {
      const text = typeof reference === 'string' ? reference : referred(reference, env, pathAt);
      if (typeof text === 'string' && text.trim() !== '') return text.trim();
      const problem = typeof text === 'string' ? 'is empty' : text.problem;
      faults.push({ where: where(path), problem: `${path.at(-1)} ${problem}` });
      return undefined;
    },
  };
}

type Entries = (readonly [name: string, entry: ChannelEntry])[];

/** The entries without faults; the faults of the others are added to `faults`. */
function entriesOf(content: unknown, faults: ChannelFault[], where: (path: Path) => string): Entries {
  const whole = channelsFile.safeParse(content);
  if (!whole.success) {
    faults.push(...whole.error.issues.map((issue) => faultOf(issue, issue.path, where)));
    return [];
  }
  return Object.entries(whole.data.channels).flatMap(([name, value]): Entries => {
    const entry = channelEntry.safeParse(value);
    if (entry.success) return [[name, entry.data]];
    const inFile = (path: readonly PropertyKey[]) => ['channels', name, ...path];
    faults.push(...entry.error.issues.map((issue) => faultOf(issue, inFile(issue.path), where)));
    return [];
  });
}

/** Keeps a few lines of aliases from expanding to gigabytes. */
const BOUNDED = { maxAliasCount: 100 };

/** Faults of aliases without an anchor, or that expand to too much; the library throws for both, without a place. */
function aliasFaults(document: Document.Parsed, at: (offset: number) => string): ChannelFault[] {
  const aliases: Alias[] = [];
  visit(document, { Alias: (_, alias) => void aliases.push(alias) });
  const placeOf = (alias: Alias | undefined): string => at(alias?.range?.[0] ?? 0);
  const unknown = aliases.filter((alias) => alias.resolve(document) === undefined);
  if (unknown.length > 0) {
    return unknown.map((alias) => ({
      where: placeOf(alias),
      problem: `no anchor precedes the alias ${named(alias.source, 'here')}; add one, or write out the value`,
    }));
  }
  try {
    document.toJS(BOUNDED);
    return [];
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const problem = 'the aliases up to here expand to too much; write out some of their values';
    return [{ where: placeOf(aliases.at(-1)), problem }];
  }
}

function referred(
  reference: Exclude<TextReference, string>,
  env: Environment,
  pathAt: (path: string) => string,
): string | { readonly problem: string } {
  if ('env' in reference) {
    const variable = named(reference.env, 'a variable');
    return env[reference.env] ?? { problem: `refers to ${variable}, which the environment does not set` };
  }
  const path = pathAt(reference.file);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const shown = reference.file.includes('://') ? 'a file' : path;
    return { problem: `refers to ${shown}, which can't be read (${code})` };
  }
}

/** The offset of the nearest node on the path that exists. */
function offsetOf(document: Document.Parsed, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** Never quotes values, since one of them can be a misplaced secret. */
function faultOf(
  issue: z.core.$ZodIssue,
  place: readonly PropertyKey[],
  where: (path: Path) => string,
): ChannelFault {
  const path = place.filter((part) => typeof part !== 'symbol');
  const parts = path.slice(1).map((part) => named(String(part), '…'));
  const name = parts.join('.') || 'the file';
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    const keys = issue.keys.map((key) => named(key, 'like the one here'));
    return { where: where([...path, key ?? '']), problem: `${name} has no key ${keys.join(', ')}` };
  }
  if (issue.code === 'invalid_union' && issue.discriminator === 'kind') {
    return {
      where: where(path),
      problem: `${name} must be ${CHANNEL_KINDS.slice(0, -1).join(', ')} or ${CHANNEL_KINDS.at(-1)}`,
    };
  }
  if (issue.code === 'invalid_key') {
    return { where: where(path), problem: `${name}: ${issue.issues[0]?.message ?? issue.message}` };
  }
  return { where: where(path), problem: `${name}: ${issue.message}` };
}
