/** Reads the `set` section: the set's name, prefix, channels, budget, deadline and other terms. */
import {
  checkObjectKey,
  grouped,
  type ObjectKeyProblem,
  PRIORITIES,
  type Priority,
  quote,
} from '@setlist/contracts';
import { AMOUNT_FORM, isAmount } from '../amount.ts';
import { DEADLINE_FORMS, deadlineAt } from '../deadline.ts';
import type { Report } from '../problems.ts';
import { MAX_CHANNELS, MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH, PATHS } from '../schema.ts';
import { nameOf, type ScalarNode } from '../source/source-nodes.ts';
import type { Fields } from './read-fields.ts';
import { didYouMean, missingBrackets } from './suggest.ts';

/** What could be read; undefined for what is missing or was reported. */
export type Header = {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly prefix: string | undefined;
  readonly priority: Priority;
  readonly notify: readonly string[];
  readonly budgetUsd: string | undefined;
  /** As written; see {@link deadlineAt}. */
  readonly deadline: string | undefined;
  readonly paths: Paths;
  /** The offsets of the values, by key. */
  readonly at: ReadonlyMap<string, number>;
};
export type Paths = (typeof PATHS)[number];

const LINE_OR_CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** The limit of a key in S3, less a slash and the longest default file name, such as `item-….ogg_vorbis`. */
const MAX_PREFIX_BYTES = 1_024 - 64;
/** The beginning of a place, such as a bucket or an absolute path, which belongs in the settings. */
const PLACE = /^(?:[a-z][a-z\d+.-]*:\/\/|[a-z]:[/\\]|[/\\])/i;
/** The form of channel names in the notifier's settings. */
const CHANNEL = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

export function readHeader(fields: Fields, report: Report): Header {
  const reader = new HeaderReader(fields, report);
  const name = reader.name();
  return {
    name,
    description: reader.description(),
    prefix: reader.prefix(name),
    priority: reader.priority(),
    notify: reader.notify(),
    budgetUsd: reader.budget(),
    deadline: reader.deadline(),
    paths: reader.paths(),
    at: reader.places(),
  };
}

class HeaderReader {
  readonly #fields: Fields;
  readonly #report: Report;

  constructor(fields: Fields, report: Report) {
    this.#fields = fields;
    this.#report = report;
  }

  name(): string | undefined {
    const { values, at, path } = this.#fields;
    if (values.name === undefined) {
      this.#report({
        at,
        path,
        code: 'missing-name',
        message: 'the set has no name',
        remedy: 'add "name: …" to "set"',
      });
    }
    const node = this.#scalar('name');
    const name = node?.value.trim();
    if (node === undefined || name === undefined) return undefined;
    if (LINE_OR_CONTROL.test(name) || !name.isWellFormed()) {
      return this.#refuse(
        node,
        'name',
        'the name contains a line break or a control character',
        'write it on one line, without control characters',
      );
    }
    if (name.length > MAX_NAME_LENGTH) {
      const message = `the name is ${name.length} characters; the limit is ${MAX_NAME_LENGTH}`;
      return this.#refuse(node, 'name', message, 'shorten it, and move the rest to "description"');
    }
    return name;
  }

  description(): string | undefined {
    const node = this.#scalar('description');
    if (node === undefined) return undefined;
    const description = node.value.trim();
    if (!description.isWellFormed()) {
      const message = 'the description contains half a character (a lone surrogate)';
      return this.#refuse(node, 'description', message, 'remove it');
    }
    if (description.length <= MAX_DESCRIPTION_LENGTH) return description;
    const message = `the description is ${grouped(description.length)} characters; the limit is ${grouped(MAX_DESCRIPTION_LENGTH)}`;
    return this.#refuse(node, 'description', message, 'shorten it');
  }

  /** The set's name unless the file gives a prefix, as in the reference. */
  prefix(name: string | undefined): string | undefined {
    const { values } = this.#fields;
    const key = values['output-prefix'] === undefined ? 'name' : 'output-prefix';
    const node = this.#scalar(key);
    if (node === undefined) return undefined;
    if (key === 'name' && name === undefined) return undefined;
    const prefix = nameOf(node);
    const fault = folderFault(prefix);
    if (fault === undefined) return prefix;
    const isPlace = key === 'output-prefix' && PLACE.test(prefix);
    const told = isPlace ? placeGiven(prefix) : { ...fault, message: `as a folder, ${fault.message}` };
    this.#report({
      ...fault,
      ...told,
      at: node.start,
      path: `${this.#fields.path}.${key}`,
      code: `bad-${key}`,
      ...(key === 'name' && { remedy: 'add an "output-prefix" that is a name for a folder' }),
      noCompatHint: isPlace,
    });
    return fault.lenient && prefix;
  }

  priority(): Priority {
    return this.#oneOf('priority', PRIORITIES) ?? 'normal';
  }

  paths(): Paths {
    return this.#oneOf('paths', PATHS) ?? 'auto';
  }

  /** Whether the moment has already passed is checked elsewhere, since the time is not known here. */
  deadline(): string | undefined {
    const node = this.#scalar('deadline');
    const written = node?.value.trim();
    if (node === undefined || written === undefined) return undefined;
    if (deadlineAt(written, new Date(0)) !== undefined) return written;
    return this.#refuse(node, 'deadline', `${quote(written)} is not a deadline`, `write ${DEADLINE_FORMS}`);
  }

  places(): Map<string, number> {
    const written = Object.entries(this.#fields.values);
    return new Map(written.flatMap(([key, value]) => (value ? [[key, value.start] as const] : [])));
  }

  notify(): readonly string[] {
    const value = this.#fields.values.notify;
    if (!value) return [];
    const nodes = value.kind === 'list' ? value.items : [value];
    if (nodes.length === 0) {
      const remedy = 'name a channel, or remove the key: then the default channels report how the set went';
      this.#refuse(value, 'notify', 'the list of channels is empty', remedy);
    }
    if (nodes.length > MAX_CHANNELS) {
      this.#refuse(
        value,
        'notify',
        `there are ${nodes.length} channels; the limit is ${MAX_CHANNELS}`,
        'name fewer',
      );
    }
    const channels = nodes.map((node) => {
      const channel = node.value.trim();
      if (!CHANNEL.test(channel)) {
        const rule = 'name a channel of the settings, such as mail; addresses belong in the settings';
        const remedy = missingBrackets(value, (name) => CHANNEL.test(name)) ?? rule;
        this.#refuse(node, 'notify', `${quote(channel)} is not a channel name`, remedy);
      }
      return channel;
    });
    return [...new Set(channels)];
  }

  /** Decimal text as written, since a number would be rounded. */
  budget(): string | undefined {
    const node = this.#scalar('budget');
    const written = node?.value.trim();
    if (node === undefined || written === undefined) return undefined;
    if (isAmount(written)) return written;
    const message = `${quote(written)} is not an amount of US dollars`;
    return this.#refuse(node, 'budget', message, `write ${AMOUNT_FORM}`);
  }

  #oneOf<T extends string>(key: string, values: readonly T[]): T | undefined {
    const node = this.#scalar(key);
    const written = node?.value.trim() ?? '';
    const found = values.find((value) => value === written);
    if (node === undefined || found !== undefined) return found;
    const remedy = didYouMean(written, values, `use one of: ${values.join(', ')}`);
    const message = `${quote(written)} is not a value of "${key}"`;
    return this.#refuse(node, key, message, remedy);
  }

  #scalar(key: string): ScalarNode | undefined {
    const value = this.#fields.values[key];
    return value?.kind === 'scalar' ? value : undefined;
  }

  #refuse(node: { readonly start: number }, key: string, message: string, remedy: string): undefined {
    this.#report({
      at: node.start,
      path: `${this.#fields.path}.${key}`,
      code: `bad-${key}`,
      message,
      remedy,
    });
  }
}

function placeGiven(prefix: string): ObjectKeyProblem {
  return {
    message: `${quote(prefix)} names a place, not a folder below the output`,
    remedy:
      'name the place with --out of run, --outbox of up or OUTPUT of the services; here, name only folders below it, without a leading "/"',
  };
}

function folderFault(prefix: string): ObjectKeyProblem | undefined {
  if (prefix.split(/[/\\]/).includes('..')) {
    return { message: `${quote(prefix)} leaves the output folder`, remedy: 'write a name without ".."' };
  }
  if (prefix.endsWith('/')) {
    return { message: `${quote(prefix)} ends with a slash`, remedy: 'remove the trailing slash' };
  }
  const bytes = Buffer.byteLength(prefix);
  if (bytes > MAX_PREFIX_BYTES) {
    const message = `it is ${grouped(bytes)} bytes; the limit is ${MAX_PREFIX_BYTES}, so that files fit below it`;
    return { message, remedy: 'shorten it' };
  }
  return checkObjectKey(prefix);
}
