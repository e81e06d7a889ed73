/** Items of a set: in pages, by index, or the indexes of those that match. */
import { type ItemRow, itemRowSchema, POSITION_KEY, type SetSummary } from '@setlist/contracts';
import { pageOf, rowsOf, rowsOfPage, untilFoldedTo } from '@setlist/sets';
import { z } from 'zod';
import { cursorOf, numberCursor } from '../domain/cursor.ts';
import { type ItemQuery, itemMatcher, looksFor } from '../domain/match-items.ts';
import { type ItemMark, MARK_OF } from '../domain/timeline.ts';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { isUnchanged, versionOf } from '../http/etag.ts';
import { setFor } from '../http/guard.ts';
import { refusals } from '../http/problem.ts';
import { wholeRead } from '../http/whole-reads.ts';
import type { ItemText } from '../watch/item-texts.ts';
import { limit, setParams } from './parts.ts';

const itemSchema = itemRowSchema.extend({
  text: z.string().optional(),
  voice: z.string().optional(),
  language: z.string().optional(),
  format: z.string().optional(),
  characters: z
    .int()
    .optional()
    .describe('the characters that the item would be billed for if it had to be paid'),
});
export type Item = z.infer<typeof itemSchema>;

const query = z.object({
  state: itemRowSchema.shape.state.optional(),
  how: itemRowSchema.shape.how,
  text: z.string().max(200).optional().describe('part of the text or the file name, in any letter case'),
});

export const itemsPage = z.object({
  items: z.array(itemSchema),
  next: z.string().optional().describe('`cursor` of the next page'),
});

export const matchesAnswer = z.object({ indexes: z.array(z.int()) });
export const statesAnswer = z.object({ states: z.string(), position: z.int() });

const MOST_BY_INDEX = 500;
const indexList = z
  .string()
  .regex(/^\d{1,7}(,\d{1,7})*$/, 'must be indexes, separated by commas')
  .transform((text) => text.split(',').map(Number))
  .refine((list) => list.length <= MOST_BY_INDEX, `must be at most ${MOST_BY_INDEX}`);

const pageQuery = query.extend({
  index: indexList.optional().describe('only these items, instead of a page'),
  limit: limit(1_000, 100),
  cursor: numberCursor.optional(),
});

export function itemRoutes(api: Api, deps: ConsoleDeps): void {
  itemsRoute(api, deps);
  matchesRoute(api, deps);
  statesRoute(api, deps);
}

function itemsRoute(api: Api, deps: ConsoleDeps): void {
  api.get(
    '/sets/:setId/items',
    {
      schema: {
        tags: ['items'],
        summary: 'Items in their order',
        params: setParams,
        querystring: pageQuery,
        response: { 200: itemsPage, 304: z.void(), ...refusals },
      },
    },
    async (request, reply) => {
      const summary = setFor(request.caller, deps.mirror, request.params.setId);
      const known = await rowsKnownTo(deps, summary);
      if (isUnchanged(request, reply, versionOf(summary, Math.min(known, summary.lastSeq))))
        return reply.send();
      return reply.send(await wholeRead({ deps, reply }, (mine) => readPage(mine, summary, request.query)));
    },
  );
}

async function readPage(
  deps: ConsoleDeps,
  summary: SetSummary,
  { index, cursor: from = 0, limit: most, ...wanted }: z.infer<typeof pageQuery>,
): Promise<z.infer<typeof itemsPage>> {
  const items = index ? itemsAt(deps, summary, index) : itemsFrom(deps, summary, { from, wanted });
  const page: Item[] = [];
  for await (const item of items) {
    if (!index && page.length === most) return { items: page, next: cursorOf(item.index) };
    page.push(item);
  }
  return { items: page };
}

function matchesRoute(api: Api, deps: ConsoleDeps): void {
  api.get(
    '/sets/:setId/matches',
    {
      schema: {
        tags: ['items'],
        summary: 'Indexes of all items that match',
        params: setParams,
        querystring: query,
        response: { 200: matchesAnswer, 304: z.void(), ...refusals },
      },
    },
    async (request, reply) => {
      const summary = setFor(request.caller, deps.mirror, request.params.setId);
      const known = await rowsKnownTo(deps, summary);
      if (isUnchanged(request, reply, versionOf(summary, Math.min(known, summary.lastSeq))))
        return reply.send();
      const indexes = await wholeRead({ deps, reply }, async (mine) => {
        const found: number[] = [];
        for await (const { index } of itemsFrom(mine, summary, { from: 0, wanted: request.query }))
          found.push(index);
        return found;
      });
      return reply.send({ indexes });
    },
  );
}

function statesRoute(api: Api, deps: ConsoleDeps): void {
  api.get(
    '/sets/:setId/states',
    {
      schema: {
        tags: ['items'],
        summary:
          'The state of every item, one letter each: r requested, p paid, u reused, c recovered, f failed',
        params: setParams,
        response: { 200: statesAnswer, 304: z.void(), ...refusals },
      },
    },
    async (request, reply) => {
      const summary = setFor(request.caller, deps.mirror, request.params.setId);
      const known = await rowsKnownTo(deps, summary);
      const position = Math.min(known, deps.feed.position(summary.setId));
      if (isUnchanged(request, reply, versionOf(summary, Math.min(known, summary.lastSeq))))
        return reply.send();
      const letters = new Array<string>(summary.counts.total).fill('r');
      await wholeRead({ deps, reply }, async (mine) => {
        for await (const row of rowsOf(mine.log.sets, summary)) letters[row.index] = letterOf(row);
      });
      return reply.send({ states: letters.join(''), position });
    },
  );
}

/** How long to wait for a set's rows, which are written after its summary, before showing them as they are, in ms. */
const ROWS_WITHIN_MS = 1_000;

/**
 * @returns the place in the log that all rows include; some can be further. Waits until the rows are as far as the
 * summary, unless that takes too long, as when the tracker died between writing the two.
 */
export async function rowsKnownTo({ log }: ConsoleDeps, { lastSeq }: SetSummary): Promise<number> {
  const look = async () => (await log.sets.get<{ lastSeq: number }>(POSITION_KEY))?.value;
  return (await untilFoldedTo(look, lastSeq, ROWS_WITHIN_MS))?.lastSeq ?? 0;
}

const letterOf = ({ state, how }: ItemRow): ItemMark =>
  state === 'failed' ? 'f' : how === undefined ? 'r' : MARK_OF[how];

/** One item with its text; `undefined` if the set has none at that index. */
export async function itemAt(
  deps: ConsoleDeps,
  summary: SetSummary,
  index: number,
): Promise<Item | undefined> {
  await rowsKnownTo(deps, summary);
  for await (const item of itemsAt(deps, summary, [index])) return item;
  return undefined;
}

async function* itemsAt(
  deps: ConsoleDeps,
  summary: SetSummary,
  indexes: readonly number[],
): AsyncGenerator<Item> {
  const pages = new Map<number, readonly ItemRow[]>();
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const number = pageOf(index);
    const rows = pages.get(number) ?? (await rowsOfPage(deps.log.sets, summary.setId, number));
    pages.set(number, rows);
    const row = rows.find((candidate) => candidate.index === index);
    if (row) yield withText(row, await deps.texts.of(summary.setId, index));
  }
}

async function* itemsFrom(
  deps: ConsoleDeps,
  summary: SetSummary,
  { from, wanted }: { from: number; wanted: ItemQuery },
): AsyncGenerator<Item> {
  const matches = looksFor(wanted) ? itemMatcher(wanted) : () => true;
  let texts: readonly (ItemText | undefined)[] = [];
  for await (const row of rowsOf(deps.log.sets, summary, from)) {
    if (texts[row.index] === undefined) texts = await deps.texts.of(summary.setId, row.index);
    if (matches(row, texts[row.index])) yield withText(row, texts);
  }
}

function withText(row: ItemRow, texts: Awaited<ReturnType<ConsoleDeps['texts']['of']>>): Item {
  const said = texts[row.index];
  if (said === undefined) return row;
  const { billedCharacters, language, ...rest } = said;
  return { ...row, ...rest, ...(language === undefined ? {} : { language }), characters: billedCharacters };
}
