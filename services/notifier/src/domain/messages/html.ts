/** HTML that cannot be broken out of: whatever is put into a template is escaped, unless it is a template itself. */
import { harmless } from './wording.ts';

export interface Html {
  readonly markup: string;
}

type Part = string | number | Html | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string =>
  harmless(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

function markupOf(part: Part): string {
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
}

/** A template whose texts are escaped, for element content and for attribute values in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const markup = strings.reduce((before, literal, at) => {
    const part = parts[at - 1];
    return `${before}${part === undefined ? '' : markupOf(part)}${literal}`;
  });
  return { markup };
}

export const NOTHING: Html = { markup: '' };
