/** The first frame of who comes back, without a broker. */
import { type SetSummary, setKey } from '@setlist/contracts';
import { expect, test } from 'vitest';
import { localCaller } from '../access/caller.ts';
import { type Frame, LiveFeed, type LiveFeedDeps } from './live-feed.ts';
import { SetsMirror } from './sets-mirror.ts';

/** What who watches all sets is told first, where so many of them have changed since. */
async function firstFrame(changed: number): Promise<string | undefined> {
  const summaries = Array.from({ length: changed }, (_, n) => {
    const set = { name: `set-${n}` };
    return { setId: `set-${n}`, set, lastSeq: 100 } as SetSummary;
  });
  const stored = new Map(summaries.map((summary) => [setKey(summary.setId), { value: summary }]));
  const sets = { keys: async () => [...stored.keys()], get: async (key: string) => stored.get(key) };
  const mirror = new SetsMirror({ sets } as never);
  await mirror.load();
  const feed = new LiveFeed({ mirror } as LiveFeedDeps);
  const frames: Frame[] = [];
  const watcher = { caller: localCaller, send: (frame: Frame) => void frames.push(frame) };
  using _watching = await feed.watch(watcher, 0);
  return /^event: (.*)$/m.exec(frames[0] ?? '')?.[1];
}

test('who comes back to a few changed sets is told them, and to very many that all are to be loaded anew', async () => {
  expect(await firstFrame(3)).toBe('change');
  expect(await firstFrame(500)).toBe('change');
  expect(await firstFrame(501)).toBe('reset');
});
