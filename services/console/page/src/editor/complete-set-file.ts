/** Completes keys and values of a set file from its published schema. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { get } from '../api/client.ts';

interface Schema {
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

let schema: Promise<Schema> | undefined;

/** Fetched once, and again if that failed. */
function publishedSchema(): Promise<Schema> {
  schema ??= get<Schema>('/set-file.schema.json').catch((error: unknown) => {
    schema = undefined;
    throw error;
  });
  return schema;
}

/** `  - key: val|`: a key at this depth, or a value of the key before it. */
const LINE = /^(?<indent>\s*)(?<dash>- +)?(?:(?<key>[\w-]+): +)?(?<typed>[\w-]*)$/;

export async function completeSetFile(context: CompletionContext): Promise<CompletionResult | null> {
  const line = context.state.doc.lineAt(context.pos);
  const { groups } = LINE.exec(line.text.slice(0, context.pos - line.from)) ?? {};
  if (!groups) return null;
  const { indent = '', dash = '', key, typed = '' } = groups;
  if (typed === '' && !context.explicit && key === undefined) return null;
  const section = sectionAt(context, line.number, indent.length + dash.length);
  const known = keysOf(await publishedSchema(), section);
  const options = key === undefined ? keyOptions(known) : valueOptions(known[key]);
  return options.length === 0 ? null : { from: context.pos - typed.length, options, validFor: /^[\w-]*$/ };
}

/** The section of the file that contains a line; `undefined` at the top level. */
function sectionAt(context: CompletionContext, lineNumber: number, depth: number): string | undefined {
  if (depth === 0) return undefined;
  for (let number = lineNumber - 1; number > 0; number--) {
    const [, name] = /^([\w-]+):/.exec(context.state.doc.line(number).text) ?? [];
    if (name) return name;
  }
  return undefined;
}

function keysOf(top: Schema, section: string | undefined): Readonly<Record<string, Schema>> {
  if (section === undefined) return top.properties ?? {};
  const inside = top.properties?.[section];
  return inside?.properties ?? inside?.items?.properties ?? {};
}

const keyOptions = (known: Readonly<Record<string, Schema>>): Completion[] =>
  Object.entries(known).map(([label, { description }]) => ({
    label,
    apply: `${label}: `,
    type: 'property',
    ...(description ? { info: description } : {}),
  }));

/** The allowed values, or examples if anything is allowed. */
function valueOptions(of: Schema | undefined): Completion[] {
  const values = of?.enum ?? of?.anyOf?.flatMap((part) => part.enum ?? part.items?.enum ?? []) ?? [];
  const shown =
    values.length > 0 ? values : (of?.examples ?? []).filter((value) => typeof value !== 'object');
  return [...new Set(shown)].map((value) => ({ label: String(value), type: 'enum' }));
}
