/** Reads a service's settings from the environment and reports all faults at once. */
import { z } from 'zod';
import { redactUrl } from '../logging/mask.ts';
import { Faults } from './faults.ts';
import { isSecret, layers } from './secret.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type ConfigFault = {
  /** The variable; empty for a fault between several. */
  name: string;
  problem: string;
  /** What the variable is for, as its schema describes it. */
  expected: string;
};

/** The error for missing or wrong settings. No line contains the value of a secret. */
export const settingsFaults = (faults: readonly ConfigFault[]): Faults<ConfigFault> =>
  new Faults('settings', faults, {
    lineOf: ({ name, problem, expected }) =>
      `${[name, problem].filter(Boolean).join(' ')}${expected ? ` (${expected})` : ''}`,
    remedy: 'Set these environment variables as described, then start again; --help lists all of them.',
  });

export type SettingDescription = {
  name: string;
  description: string;
  /** The default as written in the environment; undefined if there is none. */
  default: string | undefined;
  /** The only values that the setting, or each item of a list, accepts; empty if it accepts others. */
  values: readonly string[];
  required: boolean;
  secret: boolean;
};

/**
 * The settings that `schema` asks for, each read from the variable of the same name. An empty or blank
 * variable counts as unset; variables that the schema doesn't name are ignored. Faults *between* settings
 * (a refinement of the whole object) are reported once each setting is valid on its own.
 *
 * @throws Faults naming all of them.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: Environment): z.output<S> {
  const values: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name];
    if (value !== undefined && value.trim() !== '') values[name] = value;
  }
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  throw settingsFaults(result.error.issues.map((issue) => faultOf(issue, schema, values)));
}

/** Describes each setting of `schema`, in order, for `--help` and for tables in documents. */
export function describeConfig(schema: z.ZodObject): SettingDescription[] {
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    description: descriptionOf(field),
    default: defaultOf(field),
    values: valuesOf(field),
    required: !z.safeParse(field, undefined).success,
    secret: isSecret(field),
  }));
}

/** The values in `env` of the settings marked secret, for a log to mask. */
export function secretValues(schema: z.ZodObject, env: Environment): string[] {
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    const value = env[name];
    return value !== undefined && isSecret(field) ? [value] : [];
  });
}

function faultOf(issue: z.core.$ZodIssue, schema: z.ZodObject, values: Record<string, string>): ConfigFault {
  const name = String(issue.path[0] ?? '');
  const field = schema.shape[name];
  const value = values[name];
  const expected = field ? descriptionOf(field) : '';
  if (field && value === undefined) return { name, problem: 'is not set', expected };
  const message = withoutSecrets(issue.message, schema, values);
  if (!field || value === undefined || isSecret(field)) return { name, problem: message, expected };
  return { name, problem: `${message}, but is ${quote(value)}`, expected };
}

/** Masks secrets in a message, since a refinement's message can quote the value it refused. */
function withoutSecrets(message: string, schema: z.ZodObject, values: Record<string, string>): string {
  let safe = message;
  for (const [name, field] of Object.entries(schema.shape)) {
    const value = values[name];
    if (value !== undefined && isSecret(field)) safe = safe.replaceAll(value, '***');
  }
  return safe;
}

function quote(value: string): string {
  const shown = redactUrl(value);
  return JSON.stringify(shown.length > 80 ? `${shown.slice(0, 80)}…` : shown);
}

function descriptionOf(field: z.core.$ZodType): string {
  for (const layer of layers(field)) {
    const description = z.globalRegistry.get(layer)?.description;
    if (description !== undefined) return description;
  }
  return '';
}

function defaultOf(field: z.core.$ZodType): string | undefined {
  for (const layer of layers(field)) {
    const { def } = layer._zod as { def: { defaultValue?: unknown } };
    if (def.defaultValue !== undefined) return String(def.defaultValue);
  }
  return undefined;
}

function valuesOf(field: z.core.$ZodType): string[] {
  return layers(field).flatMap((layer) => {
    if (layer instanceof z.core.$ZodEnum) return Object.values(layer._zod.def.entries).map(String);
    return layer instanceof z.core.$ZodArray ? valuesOf(layer._zod.def.element) : [];
  });
}
