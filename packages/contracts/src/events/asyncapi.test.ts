import { readFileSync } from 'node:fs';
import { DiagnosticSeverity, Parser } from '@asyncapi/parser';
import { expect, test } from 'vitest';
import { asyncApiDocument } from './asyncapi.ts';
import { EVENTS, type EventName } from './catalog.ts';
import { decodeEvent, subjectOf } from './codec.ts';
import { versionedType } from './define.ts';

test('the document is valid by the official parser, and holds every event on the channel of its subject', async () => {
  const text = JSON.stringify(asyncApiDocument());
  const { document, diagnostics } = await new Parser().parse(text);
  const errors = diagnostics.filter(({ severity }) => severity === DiagnosticSeverity.Error);
  expect(errors).toEqual([]);
  if (document === undefined) throw new Error('there is no document');
  for (const name of Object.keys(EVENTS) as EventName[]) {
    const file = new URL(`../../fixtures/events/${versionedType(EVENTS[name])}.json`, import.meta.url);
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

test('the published document is the one that the code makes', () => {
  const file = new URL('../../schemas/asyncapi.json', import.meta.url);
  expect(asyncApiDocument()).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});
