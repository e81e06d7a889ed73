import { hash } from 'node:crypto';
import { eventsOf, recorded } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { projectSet } from '../../test/project-set.ts';
import { EMPTY_CHAIN, extendChain } from './chain.ts';

const set = eventsOf();

describe('the chain', () => {
  test('includes every event of the set, even those that change nothing or are unreadable', () => {
    const records = recorded([
      set.accepted(),
      set.requested(0),
      set.requested(0),
      set.prioritized(),
      set.notified(),
    ]);
    const unreadable = {
      seq: 6,
      subject: records[0]?.subject ?? '',
      time: new Date(),
      raw: Buffer.from('?'),
    };
    const { summary } = projectSet([...records, unreadable]);
    expect(summary?.chain).toEqual([...records, unreadable].reduce(extendChain, EMPTY_CHAIN));
    expect(summary?.chain.events).toBe(6);
    expect(summary).toMatchObject({ lastSeq: 6, stateSeq: 6 });
  });

  test('changes with any byte, any subject and any order', () => {
    const link = { subject: 'setlist.events.a.state', raw: Buffer.from('{"a":1}') };
    const other = { ...link, raw: Buffer.from('{"a":2}') };
    const heads = [
      [link, other],
      [other, link],
      [link, link],
      [{ ...link, subject: 'setlist.events.b.state' }, other],
    ].map((links) => links.reduce(extendChain, EMPTY_CHAIN).head);
    expect(new Set(heads).size).toBe(heads.length);
  });

  test.each([
    ['begins at 32 zero bytes', 's', '{}'],
    ['takes a subject in UTF-8', 'setlist.events.größe.state', '{"a":1}'],
    ['takes an event of any size', 's'.repeat(200), `{"a":"${'é'.repeat(500_000)}"}`],
    ['continues after a larger one', 's', '{}'],
  ])('%s', (_, subject, text) => {
    const bytes = Buffer.concat([Buffer.alloc(32), Buffer.from(subject), Buffer.from(text)]);
    expect(extendChain(EMPTY_CHAIN, { subject, raw: Buffer.from(text) })).toEqual({
      events: 1,
      head: hash('sha256', bytes),
    });
  });
});
