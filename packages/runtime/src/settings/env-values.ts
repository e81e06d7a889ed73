/** Zod schemas that read the values of environment variables from text. */
import { isIP } from 'node:net';
import { z } from 'zod';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;
const MAILBOX = /^(?:[^<>\r\n]*<)?[^\s<>@,]+@[^\s<>@,]+(?<closing>>)?$/;
const FLAGS = { truthy: ['true', 'yes', 'on', '1'], falsy: ['false', 'no', 'off', '0'] };

/** Reads a text with `parse`, which returns `undefined` for what it refuses. */
export function readAs<T>(parse: (text: string) => T | undefined, problem: string) {
  return z.string().transform((text, context): T => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  });
}

/** A whole number between `min` and `max`, both included. */
export function integer({ min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = {}) {
  return readAs(
    (text) => {
      const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    },
    `must be ${wholeNumber(min, max)}`,
  );
}

function wholeNumber(min: number, max: number): string {
  const bounded = { below: min > Number.MIN_SAFE_INTEGER, above: max < Number.MAX_SAFE_INTEGER };
  if (bounded.below && bounded.above) return `a whole number from ${min} to ${max}`;
  if (bounded.below) return `a whole number, ${min} or more`;
  return bounded.above ? `a whole number, ${max} or less` : 'a whole number';
}

/** A TCP port; 0 lets the system choose one. */
export function port() {
  return integer({ min: 0, max: 65_535 });
}

/** The longest time that a timer of Node can wait, in whole days: a longer one fires at once. */
const LONGEST_TIMER_MS = 24 * UNIT_MS.d;

/**
 * A length of time with its unit (`250ms`, `5s`, `60m`, `24h`, `7d`), as milliseconds. By default it is limited to what
 * a timer can wait; for a value that is only compared, use `durationMs({ max: Infinity })`.
 */
export function durationMs({ max = LONGEST_TIMER_MS } = {}) {
  const bound = max === Infinity ? '' : `, and ${max / UNIT_MS.d}d at most`;
  return readAs((text) => {
    const [, amount, unit] = DURATION.exec(text) ?? [];
    if (amount === undefined || unit === undefined) return undefined;
    const ms = Math.round(Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]);
    return ms <= max ? ms : undefined;
  }, `must be a length of time with its unit, such as 250ms, 5s, 60m or 24h${bound}`);
}

/** `true`, `yes`, `on`, `1` or `false`, `no`, `off`, `0`, in any case. */
export function flag() {
  return z
    .string()
    .trim()
    .pipe(z.stringbool({ ...FLAGS, error: 'must be true or false' }));
}

/** An absolute URL, kept as written; `protocols` are given without the colon. */
export function url({ protocols = ['http', 'https'] }: { protocols?: readonly string[] } = {}) {
  return readAs(
    (text) => {
      const parsed = URL.canParse(text) ? new URL(text) : undefined;
      return parsed && protocols.includes(parsed.protocol.slice(0, -1)) && parsed.host !== ''
        ? text
        : undefined;
    },
    `must be a URL that begins with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
  );
}

/** An IP address or a host name, without a port. */
export function address() {
  return readAs(
    (text) => (isIP(text) !== 0 || HOST_NAME.test(text) ? text : undefined),
    'must be an IP address or a host name, without a port',
  );
}

/** A mailbox: `jane@example.com`, or with a name, `Setlist <setlist@example.com>`. */
export function mailAddress() {
  return readAs((text) => {
    const match = MAILBOX.exec(text);
    const balanced = match !== null && text.includes('<') === (match.groups?.closing !== undefined);
    return balanced ? text : undefined;
  }, 'must be a mail address, such as jane@example.com');
}

/** One or more values, separated by commas and read by `item`: `list(url({ protocols: ['nats'] }))`. */
export function list(): z.ZodType<string[], string>;
export function list<T>(item: z.ZodType<T, string>): z.ZodType<T[], string>;
export function list(item: z.ZodType<unknown, string> = z.string()): z.ZodType<unknown[], string> {
  return readAs((text) => {
    const values = text.split(',').map((value) => value.trim());
    return values.includes('') ? undefined : values;
  }, 'must be a list, separated by commas and without empty items').pipe(z.array(item));
}
