import { hash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { newEvent } from '@setlist/contracts';
import { temporaryFolder } from '@setlist/testkit';
import { afterEach, expect, test, vi } from 'vitest';
import type { Finding } from './finding.ts';
import type { SoundEvent } from './sound-life-rules.ts';
import { SoundsAudit } from './sounds-audit.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const context = { source: 'dispatcher', now: new Date('2026-11-22T12:00:00Z') } as const;
const item = { set: 'a-set', index: 0, attempt: 1 };
const by = 'one';

const hashOf = (sound: number): string => hash('sha256', String(sound));
const claimed = (sound: number): SoundEvent => {
  const until = context.now.toISOString();
  const data = { hash: hashOf(sound), claim: 1, by, until, for: item, expired: 0 } as const;
  return newEvent('SoundClaimed', { ...data, operation: 'task', because: 'new' }, context);
};
const paid = (sound: number): SoundEvent => {
  const data = { hash: hashOf(sound), claim: 1, by, for: item, how: 'task', lane: 'neural' } as const;
  const audio = { object: 'x', contentType: 'audio/mpeg', bytes: 1, sha256: hashOf(sound), durationMs: 1 };
  const repaid = { because: 'expired' } as const;
  return newEvent('SoundPaid', { ...data, ...audio, billedCharacters: 1, repaid }, context);
};
const used = (sound: number) => {
  const data = { ...item, lane: 'neural', file: 'x.mp3', hash: hashOf(sound), how: 'paid' } as const;
  const audio = { bytes: 1, sha256: hashOf(sound), durationMs: 1, billedCharacters: 1, sparedCharacters: 0 };
  return newEvent('ItemCompleted', { ...data, ...audio }, { ...context, setId: 'a-set' });
};

const SOUNDS = 30_000;

test('an event of any length keeps its place among those of its sound', async () => {
  const found: Finding[] = [];
  using audit = new SoundsAudit();
  const by = 'x'.repeat(100_000);
  for (const [place, event] of [claimed(1), paid(1), paid(1)].entries())
    audit.take({ ...event, data: { ...event.data, by } } as SoundEvent, place + 1);
  audit.takeUse(used(1), 4);
  await audit.finish((finding) => found.push(finding));
  expect(found).toMatchObject([{ code: 'event-repeated', where: { seq: 3 } }]);
});

test('keeps all but a few megabytes of a long log on disk, finds what is wrong, and deletes it all', async () => {
  await using folder = await temporaryFolder();
  vi.stubEnv('TMPDIR', folder.path);
  const found: Finding[] = [];
  {
    using audit = new SoundsAudit();
    let seq = 0;
    for (let sound = 0; sound < SOUNDS; sound++) {
      audit.take(claimed(sound), ++seq);
      if (sound === 7) continue;
      audit.take(paid(sound), ++seq);
    }
    audit.take(paid(9), ++seq);
    for (let sound = 0; sound < SOUNDS; sound++) audit.takeUse(used(sound), ++seq);
    const [name = ''] = readdirSync(folder.path);
    const parts = readdirSync(join(folder.path, name));
    const written = parts.reduce((bytes, part) => bytes + statSync(join(folder.path, name, part)).size, 0);
    expect(written).toBeGreaterThan(SOUNDS * 350 - 4_200_000);
    await audit.finish((finding) => found.push(finding));
  }
  const where = { sound: hashOf(9), subject: `setlist.sounds.${hashOf(9)}`, seq: 2 * SOUNDS };
  const told = found.map(({ code, where }) => ({ code, where }));
  expect(told.toSorted((a, b) => (a.where.seq ?? 0) - (b.where.seq ?? 0))).toEqual([
    { code: 'event-repeated', where },
    { code: 'completed-unpaid', where: { seq: 2 * SOUNDS + 8, set: 'a-set', item: 0, sound: hashOf(7) } },
  ]);
  expect(readdirSync(folder.path)).toEqual([]);
});
