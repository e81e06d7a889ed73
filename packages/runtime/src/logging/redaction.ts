/** Keeps phrases and secrets out of the log, at any depth of an entry. */
import { errorSerializer } from './error-serializer.ts';

/** Property names in lower case: Polly's requests spell `text` as `Text`. */
const PHRASES = new Set(['text', 'ssml']);
const SECRETS = new Set([
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'passwd',
  'pass',
  'secret',
  'token',
  'apikey',
  'api_key',
  'secretaccesskey',
  'sessiontoken',
]);
const DEEPEST = 8;
const LONGEST = 100;

/**
 * A copy of a log entry's fields in which phrases (`text`, `ssml`) are replaced by their length and secrets are masked.
 * Errors, bytes, deep objects and long arrays are shortened.
 */
export function redactFields(fields: object): Record<string, unknown> {
  return redactObject(fields, 0);
}

function redactObject(value: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) copy[key] = redactField(key.toLowerCase(), field, depth);
  return copy;
}

function redactField(key: string, value: unknown, depth: number): unknown {
  if (value === undefined || value === null) return value;
  if (PHRASES.has(key)) return typeof value === 'string' ? `[${value.length} characters]` : '[phrase]';
  if (SECRETS.has(key)) return '[secret]';
  return redactValue(value, depth + 1);
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return errorSerializer(value);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth > DEEPEST) return '[nested too deep]';
  if (Array.isArray(value)) return redactArray(value, depth);
  if ('toJSON' in value && typeof value.toJSON === 'function') return redactValue(value.toJSON(), depth + 1);
  return redactObject(value, depth);
}

function redactArray(values: readonly unknown[], depth: number): unknown[] {
  const shown = values.slice(0, LONGEST).map((value) => redactValue(value, depth + 1));
  return values.length > LONGEST ? [...shown, `[${values.length - LONGEST} more]`] : shown;
}
