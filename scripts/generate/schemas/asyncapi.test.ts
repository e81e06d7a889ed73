import { readFileSync } from 'node:fs';
import { DiagnosticSeverity, Parser } from '@asyncapi/parser';
import { decodeEvent, EVENTS, type EventName, subjectOf, versionedType } from '@setlist/contracts';
import { expect, test } from 'vitest';
import { asyncApiDocument } from './asyncapi.ts';

const FIXTURES = new URL('../../../packages/contracts/fixtures/events/', import.meta.url);
const SCHEMAS = new URL('../../../packages/contracts/schemas/', import.meta.url);

test('the document is valid for the official parser, and has every event on the channel of its subject', async () => {
  const text = JSON.stringify(asyncApiDocument());
  const { document, diagnostics } = await new Parser().parse(text);
  const errors = diagnostics.filter(({ severity }) => severity === DiagnosticSeverity.Error);
  expect(errors).toEqual([]);
  if (document === undefined) throw new Error('there is no document');
  for (const name of Object.keys(EVENTS) as EventName[]) {
    const file = new URL(`${versionedType(EVENTS[name])}.json`, FIXTURES);
    const decoded = decodeEvent(readFileSync(file));
    if (!decoded.ok) throw new Error(decoded.problem.message);
    const holding = document
      .channels()
      .all()
      .filter((channel) =>
        channel
          .messages()
          .all()
          .some((message) => message.title() === name),
      );
    expect(holding).toHaveLength(1);
    const pattern = new RegExp(
      `^${holding[0]
        ?.address()
        ?.replaceAll('.', '\\.')
        .replace(/\{\w+\}/g, '[^.]+')}$`,
    );
    expect(subjectOf(decoded.event)).toMatch(pattern);
  }
});

test('the published document is the one that the code generates', () => {
  const file = new URL('asyncapi.json', SCHEMAS);
  expect(asyncApiDocument()).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});
