/** A manifest's items as CSV (RFC 4180), for people with spreadsheets. */
import type { ManifestItem } from '@setlist/contracts';
import { type CastingContext, type Options, stringify } from 'csv-stringify/sync';

type Cell = string | number | undefined;

/** The columns, in this order. */
const COLUMNS: Readonly<Record<string, (item: ManifestItem) => Cell>> = {
  item: ({ index }) => index,
  text: ({ text }) => text,
  file: ({ file }) => file,
  voice: ({ voice }) => voice,
  engine: ({ engine }) => engine,
  language: ({ language }) => language,
  format: ({ format }) => format,
  sample_rate: ({ sampleRate }) => sampleRate,
  state: ({ state }) => state,
  how: ({ how }) => how,
  duration_seconds: ({ durationMs }) => (durationMs === undefined ? undefined : durationMs / 1_000),
  bytes: ({ bytes }) => bytes,
  sha256: ({ sha256 }) => sha256,
  billed_characters: ({ billedCharacters }) => billedCharacters,
  spared_characters: ({ sparedCharacters }) => sparedCharacters,
  attempts: ({ attempts }) => attempts,
  requested_at: ({ requestedAt }) => requestedAt,
  ended_at: ({ endedAt }) => endedAt,
  error_code: ({ error }) => error?.code,
  error: ({ error }) => error?.message,
  remedy: ({ error }) => error?.remedy,
};
const READ = Object.values(COLUMNS);
const ITEMS_AT_ONCE = 500;

/**
 * Matches where a spreadsheet could start a formula, see https://owasp.org/www-community/attacks/CSV_Injection: at the
 * beginning of a text, and within it, since with a semicolon or tab as the separator, each of those and each line break
 * starts a cell, and quotes after it are dropped. An apostrophe in front makes it text.
 */
const FORMULA = /^(?=[\t\r\n])|(?=[=+\-@＝＋－＠])(?<=^|[;\t\r\n]"*)/g;

const OPTIONS: Options = {
  record_delimiter: '\r\n',
  quoted_match: /[\r\n]/,
  cast: { string: (value: string, _context: CastingContext) => value.replace(FORMULA, "'") },
};

/** The CSV in pieces. It begins with a byte order mark, without which Excel does not recognise UTF-8. */
export async function* manifestCsv(
  items: Iterable<ManifestItem> | AsyncIterable<ManifestItem>,
): AsyncGenerator<string> {
  yield `\uFEFF${stringify([Object.keys(COLUMNS)], OPTIONS)}`;
  let rows: Cell[][] = [];
  for await (const item of items) {
    rows.push(READ.map((read) => read(item)));
    if (rows.length < ITEMS_AT_ONCE) continue;
    yield stringify(rows, OPTIONS);
    rows = [];
  }
  if (rows.length > 0) yield stringify(rows, OPTIONS);
}
