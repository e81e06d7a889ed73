/** YAML read in pieces, as it comes from a disk or a bucket, compared with a reader of the whole. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { readYaml } from './read-yaml.ts';
import type { SourceNode } from './source-nodes.ts';

describe('a file has the same content when read in pieces', () => {
  it('with items in every style', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', ' ', ':', '#', '-', '"', "'", '\n', '&', '*', '1'),
      maxLength: 20,
    });
    const style = fc.constantFrom(
      (value: string) => `- text: ${JSON.stringify(value)}\n`,
      (value: string) =>
        `\n- # a comment\n  text: '${value.replaceAll("'", "''").replaceAll('\n', ' ')}'\n  voice-id: Joey # more\n`,
      (value: string) => `- {text: ${JSON.stringify(value)}, lexicons: [a, b]}\n`,
      (value: string) =>
        `-\n  voice-id: Ivy\n  text: |+1\n   ${value.replaceAll('\n', '\n   ')}\n# between\n`,
      () => '- plain text\n    goes on\n',
      (value: string) => `- text: ${JSON.stringify(value)}\n  voice-id: Joanna\n`,
      (value: string) =>
        `- text: 'one''s ${value.replaceAll(/['\n]/g, '')}\n\n    other''s'\n  lexicons:\n    - a\n    -\n      b\n`,
      (value: string) =>
        `- voice-id: 'Ivy' # of many\n  text: |2\n      ${value.replaceAll('\n', '\n    ')}\n`,
      (value: string) => `- text: >3-\n        ${value.replaceAll('\n', '\n     ')}\n\n\n`,
    );
    const items = fc.array(fc.tuple(style, text), { minLength: 3, maxLength: 12 });
    const pieceSize = fc.constantFrom(1, 2, 7, 64, 1_000, 1_000_000);
    const ending = fc.constantFrom('defaults: {engine: neural}\n', '', '- text: |2\n     last\n    of all\n');
    fc.assert(
      fc.property(items, pieceSize, ending, (some, size, ending) => {
        const once = some.map(([write, value]) => write(value)).join('');
        const file = `set:\n  name: x\nitems:\n${once.repeat(150)}${ending}`;
        expect(readWhole(piecesOf(file, size))).toEqual(
          parseYaml(file, { schema: 'failsafe', uniqueKeys: false }),
        );
      }),
      { numRuns: 24 },
    );
  });

  it('no matter where its pieces end', () => {
    const file = `set: {name: x}
items:
  - text: 'It''s the end,
      isn''t it?'
    voice-id: Joanna # hers
    lexicons:
      -
        a
  - text: |2
       Verse one.
      # 2 is spoken too.
`;
    const whole = parseYaml(file, { schema: 'failsafe' });
    for (let size = 1; size <= file.length; size++)
      expect(readWhole(piecesOf(file, size)), `${size}`).toEqual(whole);
  });
});

function* piecesOf(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

/** The tree, put together from what the reader hands over. */
function readWhole(pieces: Iterable<string>): unknown {
  const items: unknown[] = [];
  const whole: Record<string, unknown> = {};
  readYaml(pieces, {
    full: false,
    item: (node) => items.push(plain(node)),
    entry: ({ key, value }) => {
      if (key.value === 'items' && value.kind === 'list') whole.items = [...items, ...value.items.map(plain)];
      else whole[key.value] = plain(value);
    },
    fault: (fault) => {
      throw new Error(`${fault.at}: ${fault.message}`);
    },
    notice: () => undefined,
  });
  return whole;
}

function plain(node: SourceNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key.value, plain(value)]));
}
