import { expect, test } from 'vitest';
import { printRemoved } from './collection.ts';
import type { Terminal } from './text/terminal.ts';

const removals = [
  { key: 'audio/a.mp3', bytes: 1_000, did: 'removed' },
  { key: 'audio/b.mp3', bytes: 1_000, did: 'crossed' },
  { key: 'audio/c.mp3', bytes: 1_000, did: 'kept' },
] as const;

test('reports what was kept, and what was removed although it had just been paid for', () => {
  const lines: string[] = [];
  const terminal = { print: (line: string) => lines.push(line) } as unknown as Terminal;
  printRemoved(removals, true, terminal);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ count: 2, bytes: 2_000, kept: 1, crossed: 1 });
  printRemoved(removals, false, terminal);
  expect(lines.slice(1)).toEqual([
    expect.stringMatching(/^Removed 2 files/),
    expect.stringMatching(/^1 file kept/),
    expect.stringMatching(/^1 of the removed files was paid for at the same moment/),
  ]);
});
