/** A large set file takes seconds and a bounded heap, whatever its content. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const door = fileURLToPath(new URL('./index.ts', import.meta.url));
const source = fileURLToPath(new URL('./source/source-text.ts', import.meta.url));
/** Not enough to parse the YAML file in one piece. */
const HEAP_MB = 128;

type Outcome = { ok: boolean; items?: number; problemCount?: number; kept?: number; code?: string };

/** Parses the text that `make` returns, in a process of its own, which dies if its heap exceeds the limit. */
function parseWithLittleHeap(fileName: string, make: string): Outcome {
  const program = `
    import { parseSetFile } from ${JSON.stringify(door)};
    const text = (${make})();
    const result = parseSetFile(new TextEncoder().encode(text), { fileName: ${JSON.stringify(fileName)} });
    const { ok, set, problemCount, problems } = result;
    console.log(JSON.stringify({ ok, items: set?.items.length, problemCount, kept: problems?.length, code: problems?.[0].code }));
  `;
  return runWith(HEAP_MB, program);
}

function runWith(heapMb: number, program: string): Outcome {
  const flags = [`--max-old-space-size=${heapMb}`, '--input-type=module', '-e', program];
  return JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' }));
}

const phrase = "'And so I sailed about a little, to see the watery part of the world, ' + i";

describe('within a small heap', () => {
  test('50,000 items of YAML are accepted', () => {
    const make = `() => 'set:\\n  name: big\\nitems:\\n' + Array.from({ length: 50_000 }, (_, i) => '  - text: ' + ${phrase} + '\\n    voice-id: Joanna\\n').join('')`;
    expect(parseWithLittleHeap('big.yml', make)).toEqual({ ok: true, items: 50_000 });
  });

  test('50,000 items of JSON are accepted', () => {
    const make = `() => JSON.stringify({ set: { name: 'big' }, items: Array.from({ length: 50_000 }, (_, i) => ({ text: ${phrase} })) })`;
    expect(parseWithLittleHeap('big.json', make)).toEqual({ ok: true, items: 50_000 });
  });

  test('28 MB of heap are enough to read a file of 50,000 items twice if nothing is kept', () => {
    const program = `
      import { readSetFile } from ${JSON.stringify(door)};
      import { contentOf } from ${JSON.stringify(source)};
      const text = 'set:\\n  name: big\\nitems:\\n' + Array.from({ length: 50_000 }, (_, i) => '  - text: ' + ${phrase} + '\\n').join('');
      const content = contentOf(new TextEncoder().encode(text));
      let items = 0;
      const sink = { item: () => (items += 1), restart: () => (items = 0) };
      const { ok, sections } = readSetFile(content, { fileName: 'big.yml' }, sink);
      readSetFile(content, { fileName: 'big.yml', sections }, sink);
      console.log(JSON.stringify({ ok, items }));
    `;
    expect(runWith(28, program)).toEqual({ ok: true, items: 100_000 });
  });

  test('100,000 problems are counted and the first thousand kept', () => {
    const make = `() => 'set:\\n  name: big\\nitems:\\n' + '  - txet: a\\n'.repeat(50_000)`;
    expect(parseWithLittleHeap('big.yml', make)).toEqual({
      ok: false,
      problemCount: 100_000,
      kept: 1_000,
      code: 'unknown-key',
    });
  });

  test('a file that can only be read in one piece is refused', () => {
    const make = `() => 'set: {name: big}\\nitems: [' + '{text: a}, '.repeat(100_000) + ']'`;
    expect(parseWithLittleHeap('big.yml', make)).toMatchObject({
      ok: false,
      problemCount: 1,
      code: 'piece-too-large',
    });
  });

  const texts = {
    'a text of 40 MB': "'items:\\n  - text: |\\n' + ('      ' + 'a'.repeat(94) + '\\n').repeat(400_000)",
    'a quote of 40 MB that is not closed': `'text: "' + 'a'.repeat(40_000_000)`,
    'a line of 40 MB': `'items: [' + '{text: a}, '.repeat(4_000_000)`,
    'forty texts of 1 MB': "'notes:\\n' + ('  - |\\n    ' + 'a'.repeat(1_000_000) + '\\n').repeat(40)",
  };
  test.each(Object.entries(texts))('%s is refused', (_, text) => {
    expect(parseWithLittleHeap('big.yml', `() => ${text}`)).toMatchObject({
      ok: false,
      code: 'piece-too-large',
    });
  });

  test('items of 100,000 characters are accepted', () => {
    const make = `() => 'set: {name: big}\\nitems:\\n' + ('- text: ' + 'long text '.repeat(10_000) + '\\n').repeat(200)`;
    expect(parseWithLittleHeap('big.yml', make)).toEqual({ ok: true, items: 200 });
  });

  test('an export of another kind is refused as JSON', () => {
    const make = `() => '{"data":[' + '1,'.repeat(5_800_000) + '1]}'`;
    expect(parseWithLittleHeap('big.json', make)).toMatchObject({ ok: false, code: 'piece-too-large' });
  });

  test('a file that is not a set file is not read to its end', () => {
    const make = `() => 'set: {name: big}\\n' + '- |x\\n'.repeat(1_000_000)`;
    const { ok, problemCount } = parseWithLittleHeap('big.yml', make);
    expect(ok).toBe(false);
    expect(problemCount).toBeLessThan(100_000);
  });
});
