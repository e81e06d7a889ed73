/** Readings of `<say-as>`: espeak reads characters, digits and telephone numbers; the rest is written out for it. */

export type SaidAs = { readonly text: string; readonly espeakAs?: 'characters' | 'tts:digits' | 'telephone' };

/**
 * [Polly's values](https://docs.aws.amazon.com/polly/latest/dg/say-as-tag.html). Text that can't be read that way is
 * read literally, as Polly does.
 */
export function sayAs(text: string, as: string, format: string | undefined, language: string): SaidAs {
  switch (as) {
    case 'characters':
    case 'spell-out':
      return { text, espeakAs: 'characters' };
    case 'digits':
      return { text, espeakAs: 'tts:digits' };
    case 'telephone':
      return { text, espeakAs: 'telephone' };
    case 'ordinal':
      return { text: ordinal(text, language) };
    case 'fraction':
      return { text: text.replace(/\s*\/\s*/, language.startsWith('en') ? ' over ' : ' / ') };
    case 'date':
      return { text: date(text, format, language) };
    case 'time':
      return { text: duration(text, language) };
    case 'expletive':
      return { text: 'beep' };
    default:
      return { text };
  }
}

function ordinal(text: string, language: string): string {
  if (!/^\d+$/.test(text.trim())) return text;
  if (!language.startsWith('en')) return `${text.trim()}.`;
  const suffixes: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };
  const rule = new Intl.PluralRules('en', { type: 'ordinal' }).select(Number(text));
  return `${text.trim()}${suffixes[rule] ?? 'th'}`;
}

/** Writes out `1'21"` as one minute and 21 seconds. */
function duration(text: string, language: string): string {
  const match = /^(?:(\d+)')?\s*(?:(\d+)")?$/.exec(text.trim());
  if (!match || text.trim() === '') return text;
  const say = (value: string | undefined, unit: 'minute' | 'second') =>
    value &&
    new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(Number(value));
  return [say(match[1], 'minute'), say(match[2], 'second')].filter(Boolean).join(' ');
}

const ORDERS: Readonly<Record<string, readonly ('y' | 'm' | 'd')[]>> = {
  mdy: ['m', 'd', 'y'],
  dmy: ['d', 'm', 'y'],
  ymd: ['y', 'm', 'd'],
  md: ['m', 'd'],
  dm: ['d', 'm'],
  ym: ['y', 'm'],
  my: ['m', 'y'],
  d: ['d'],
  m: ['m'],
  y: ['y'],
};

/** A date as the language writes it out, such as "September 22, 2025". A year alone is left to the engine. */
function date(text: string, format: string | undefined, language: string): string {
  const found = parts(text.trim(), format);
  if (!found || found.m === undefined) return text;
  const day = new Date(Date.UTC(found.y ?? 2000, found.m - 1, found.d ?? 1));
  if (day.getUTCMonth() !== found.m - 1) return text;
  return new Intl.DateTimeFormat(language, {
    timeZone: 'UTC',
    month: 'long',
    ...(found.d !== undefined && { day: 'numeric' }),
    ...(found.y !== undefined && { year: 'numeric' }),
  }).format(day);
}

function parts(text: string, format: string | undefined): { y?: number; m?: number; d?: number } | undefined {
  const compact = /^([\d?]{4})([\d?]{2})([\d?]{2})$/.exec(text);
  if (compact) return collect(['y', 'm', 'd'], compact.slice(1));
  const order = ORDERS[format ?? 'mdy'];
  const values = text.split(/[-/.\s]+/);
  if (!order || values.length !== order.length) return undefined;
  return collect(order, values);
}

/** `????0922` leaves the year open. */
function collect(order: readonly ('y' | 'm' | 'd')[], values: readonly string[]) {
  const found: { y?: number; m?: number; d?: number } = {};
  for (const [index, part] of order.entries()) {
    const value = values[index] ?? '';
    if (/^\?+$/.test(value)) continue;
    if (!/^\d+$/.test(value)) return undefined;
    found[part] = Number(value);
  }
  return found;
}
