import { readFileSync } from 'node:fs';
import { EVENTS, type EventName, versionedType } from '@setlist/contracts';
import { expect, test } from 'vitest';
import { eventJsonSchema } from './event-schema.ts';

const SCHEMAS = new URL('../../../packages/contracts/schemas/events/', import.meta.url);

test.each(Object.keys(EVENTS) as EventName[])('the published schema of %s is the one in the code', (name) => {
  const file = new URL(`${versionedType(EVENTS[name])}.schema.json`, SCHEMAS);
  // A published version never changes, since readers rely on it. Make a new version and a lift instead.
  expect(eventJsonSchema(name)).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});
