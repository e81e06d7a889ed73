/** Tags in a text of type text, which would be read aloud, and pauses without end. */
import { ENGINES, type Engine } from '@setlist/polly';
import { describe, expect, it, test } from 'vitest';
import { parse, problemsOf, withItems } from '../../test/door.ts';

/** Names an engine, to avoid the warning about unnamed engines, which is not the subject of these files. */
const named = (file: string): string => file.replace('items:', 'defaults: {engine: neural}\nitems:');

test('SSML of type text is accepted with a warning, with and without compat', () => {
  const file = named(
    withItems('  - {text: <speak>Good morning.</speak>}', '  - {text: <3 speaks for itself}'),
  );
  for (const compat of [false, true]) {
    const result = parse(file, { compat });
    expect(result).toMatchObject({ ok: true, warnings: [{ code: 'ssml-as-text', path: 'items[0].text' }] });
    expect(result.warnings).toHaveLength(1);
    expect(result.warnings[0]?.remedy).toBe('add "text-type: ssml"');
  }
});

test.each([
  ['Mind the <break time="300ms"/> gap.', 'break'],
  ['Mind the <break/> gap.', 'break'],
  ['<prosody rate="slow">Mind the gap.</prosody>', 'prosody'],
  ["Mind <amazon:effect name='whispered'>the gap", 'amazon:effect'],
  ['<p>Mind the gap.</p>', 'p'],
  ['Mind <say-as interpret-as = "digits">12', 'say-as'],
  ['Say <speak>Mind the gap.</speak>', 'speak'],
])('a tag without <speak> in a text of type text is accepted with a warning: %s', (text, tag) => {
  const file = named(withItems(`  - text: |`, `      ${text}`));
  for (const compat of [false, true]) {
    expect(parse(file, { compat })).toMatchObject({
      ok: true,
      warnings: [
        {
          code: 'ssml-as-text',
          path: 'items[0].text',
          message: `the text has SSML tags, such as <${tag}>, but is of type text: its tags are spoken and billed`,
          remedy: 'put the whole text in <speak>…</speak> and add "text-type: ssml", or remove the tags',
        },
      ],
    });
  }
});

test.each([
  'Press <break> or <s> to save.',
  'a <p and p> b',
  '1 <2 and 2/> 1',
  '<b>Mind</b> the gap',
  'x <s = 3',
])('what is hardly a tag of Polly causes no warning: %s', (text) => {
  const file = withItems('  - text: |', `      ${text}`);
  expect(parse(file)).toMatchObject({ ok: true, warnings: [] });
});

describe('the pauses of a text', () => {
  const withPauses = (pauses: string, engine: Engine = 'neural') => {
    const voice = engine === 'standard' ? 'Joanna' : 'Ruth';
    const settings = `engine: ${engine}, voice-id: ${voice}, text-type: ssml, output-format: pcm`;
    return withItems(`  - {${settings}, text: '<speak>a${pauses}</speak>'}`);
  };

  it.each([
    ['9499ms', 'synthesize'],
    ['9500ms', 'task'],
  ])('need a task where a call would cut them off: nine minutes, 50 s and %s', (rest, operation) => {
    const file = withPauses(`${'<break time="10s"/>'.repeat(59)}<break time="${rest}"/>`);
    expect(parse(file)).toMatchObject({ ok: true, set: { items: [{ operation }] } });
  });

  it.each(ENGINES)('may add up to an hour: %s', (engine) => {
    const file = withPauses('<break time="10s"/>'.repeat(360), engine);
    expect(parse(file)).toMatchObject({ ok: true, set: { items: [{ operation: 'task' }] } });
  });

  it.each(ENGINES)('must not add up to more, not even with compat: %s', (engine) => {
    const file = withPauses(`${'<break time="10s"/>'.repeat(360)}<break time="1ms"/>`, engine);
    for (const compat of [false, true]) {
      expect(problemsOf(file, { compat })).toEqual([
        expect.stringContaining('pauses-too-long items[0].text'),
      ]);
    }
  });

  it('are reported with their sum', () => {
    expect(parse(withPauses('<break time="10s"/>'.repeat(9_990)))).toMatchObject({
      ok: false,
      problemCount: 1,
      problems: [
        {
          message: 'the pauses of the text add up to 1,665 minutes; the limit is 60',
          remedy: 'shorten the pauses, or split the text into several items',
        },
      ],
    });
  });
});
