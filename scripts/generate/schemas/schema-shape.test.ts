/** A published schema changes within its version only by gaining optional fields. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SHAPES_FILE } from '../published-shapes.ts';
import { publishedSchemas } from './published-schemas.ts';
import { schemaShape, shapeChanges } from './schema-shape.ts';

const published = JSON.parse(
  readFileSync(new URL(`../../../${SHAPES_FILE}`, import.meta.url), 'utf8'),
) as Record<string, readonly string[]>;

test.each([...publishedSchemas()])(
  'the schema of %s accepts the fields that its version can gain',
  (_, schema) => {
    expect(JSON.stringify(schema)).not.toContain('"additionalProperties":false');
  },
);

test('nothing that was published is forgotten', () => {
  const unversioned = (type: string): string => type.replace(/\.v\d+$/, '');
  const known = new Set([...publishedSchemas().keys()].map(unversioned));
  for (const type of Object.keys(published)) expect(known).toContain(unversioned(type));
});

const schema = (properties: object, required: string[] = ['a']) => ({ type: 'object', properties, required });
const before = schemaShape(
  schema({ a: { type: 'string' }, b: { type: 'object', properties: { c: { type: 'integer' } } } }),
);
const changesOf = (changed: object) => shapeChanges(before, schemaShape(changed));
const b = { type: 'object', properties: { c: { type: 'integer' } } };

describe('a schema may', () => {
  test.each([
    ['gain an optional field', schema({ a: { type: 'string' }, b, d: { type: 'string' } }), 1],
    [
      'gain an optional object with required fields in it',
      schema({
        a: { type: 'string' },
        b,
        d: { type: 'object', properties: { e: { type: 'string' } }, required: ['e'] },
      }),
      2,
    ],
    ['change a description', schema({ a: { type: 'string', description: 'better' }, b }), 0],
  ])('%s', (_, changed, added) => {
    const changes = changesOf(changed);
    expect(changes.breaking).toEqual([]);
    expect(changes.added).toHaveLength(added);
  });
});

describe('a schema may not, without a new version,', () => {
  test.each([
    ['lose a field', schema({ a: { type: 'string' } })],
    ['rename one', schema({ x: { type: 'string' }, b }, ['x'])],
    ['change the type of one', schema({ a: { type: 'integer' }, b })],
    ['restrict a field further', schema({ a: { type: 'string', minLength: 1 }, b })],
    ['require one that was optional', schema({ a: { type: 'string' }, b }, ['a', 'b'])],
    ['make one optional that was required', schema({ a: { type: 'string' }, b }, [])],
    ['gain a required field', schema({ a: { type: 'string' }, b, d: { type: 'string' } }, ['a', 'd'])],
    [
      'change a nested field',
      schema({ a: { type: 'string' }, b: { type: 'object', properties: { c: { type: 'string' } } } }),
    ],
  ])('%s', (_, changed) => {
    expect(changesOf(changed).breaking).not.toEqual([]);
  });
});
