/** Every event ever published can be read, and every event written fits its published schema. */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import {
  decodeEvent,
  EVENTS,
  type EventName,
  encodeEvent,
  MAX_EVENT_BYTES,
  newEvent,
  subjectOf,
  versionedType,
} from '../index.ts';

const FIXTURES = new URL('../../fixtures/events/', import.meta.url);
const SCHEMAS = new URL('../../schemas/events/', import.meta.url);
const fixtures = readdirSync(FIXTURES).sort();
const bytesOf = (file: string): Uint8Array => readFileSync(new URL(file, FIXTURES));
const names = Object.keys(EVENTS) as EventName[];
const SHAPES = readFileSync(new URL('../../fixtures/published-shapes.json', import.meta.url), 'utf8');
/** The type of every event that was ever published, in each of its versions. */
const publishedTypes = Object.keys(JSON.parse(SHAPES)).filter(
  (type) => !type.startsWith('setlist.manifest.'),
);

describe('events that were published', () => {
  test.each(publishedTypes)('%s keeps its frozen sample, also when there is a newer version', (type) => {
    expect(fixtures).toContain(`${type}.json`);
    expect(JSON.parse(Buffer.from(bytesOf(`${type}.json`)).toString())).toMatchObject({ type });
  });

  test.each(fixtures)('%s is read, and lifted to the newest version', (file) => {
    const decoded = decodeEvent(bytesOf(file));
    expect(decoded).toMatchObject({ ok: true });
    if (decoded.ok) expect(names).toContain(decoded.event.name);
  });

  test.each(names)('%s fits its published schema, and survives the round trip', (name) => {
    const file = `${versionedType(EVENTS[name])}.json`;
    const decoded = decodeEvent(bytesOf(file));
    if (!decoded.ok) throw new Error(decoded.problem.message);
    const published = JSON.parse(
      readFileSync(new URL(file.replace('.json', '.schema.json'), SCHEMAS), 'utf8'),
    );
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const validate = ajv.compile(published);
    const written = JSON.parse(Buffer.from(encodeEvent(decoded.event)).toString());
    expect(validate(written), JSON.stringify(validate.errors)).toBe(true);
    expect(written).toEqual(JSON.parse(Buffer.from(bytesOf(file)).toString()));
    const ofTomorrow = { ...written, data: { ...written.data, gained: true } };
    expect(validate(ofTomorrow), JSON.stringify(validate.errors)).toBe(true);
  });
});

describe('ids and subjects', () => {
  const setId = 'departures-20261122t060000-k3f9q2';
  const pausedBy = (who: string, now: Date) =>
    newEvent(
      'SetPaused',
      { set: { name: 'x', location: '/x', notify: [] }, who, afterSeq: 7 },
      { source: 'tracker', now, setId },
    );

  test('the same fact has the same id, whenever it is written and whoever asked', () => {
    expect(pausedBy('jane', new Date(0)).id).toBe(pausedBy('joe', new Date(1)).id);
  });

  test('no two sample events share an id, and each has one subject', () => {
    const events = fixtures.map((file) => {
      const decoded = decodeEvent(bytesOf(file));
      if (!decoded.ok) throw new Error(decoded.problem.message);
      return decoded.event;
    });
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    for (const event of events) expect(subjectOf(event)).toMatch(/^setlist\.(events|sounds)\.[^\s*>]+$/);
  });
});

describe('what is not an event', () => {
  test.each([
    ['not-json', Buffer.from('{')],
    ['not-cloudevents', Buffer.from('{"id":"x"}')],
    [
      'unknown-type',
      Buffer.from(bytesOf('setlist.set.paused.v1.json')).toString().replace('paused.v1', 'paused.v99'),
    ],
    [
      'invalid-data',
      Buffer.from(bytesOf('setlist.set.paused.v1.json')).toString().replace('"who": "jane"', '"who": 7'),
    ],
  ])('is reported as %s, and nothing is thrown', (code, bytes) => {
    expect(decodeEvent(Buffer.from(bytes))).toMatchObject({ ok: false, problem: { code } });
  });

  test('is reported without any of its text if it is not JSON', () => {
    const phrase = 'Mind the gap';
    const decoded = decodeEvent(Buffer.from(`{"data":{"text":${phrase}}}`));
    expect(decoded).toEqual({ ok: false, problem: { code: 'not-json', message: 'it is not JSON' } });
  });

  test('cannot be written: data that does not fit its schema, another’s event, or a message over the limit', () => {
    const context = { source: 'tracker', now: new Date(), setId: 'x' } as const;
    const header = { name: 'x', location: '/x', notify: [] };
    expect(() => newEvent('SetPaused', { set: header, who: 'jane', afterSeq: -1 }, context)).toThrow();
    const data = { set: header, who: 'jane', afterSeq: 1 };
    expect(() => newEvent('SetPaused', data, { ...context, source: 'dispatcher' })).toThrow(
      'SetPaused is written by tracker, not by dispatcher',
    );
    const huge = newEvent(
      'SetPaused',
      { set: header, who: 'x'.repeat(MAX_EVENT_BYTES), afterSeq: 1 },
      context,
    );
    expect(() => encodeEvent(huge)).toThrow(RangeError);
  });
});
