/** The remedies in refusals. */
import { describe, expect, it, test } from 'vitest';
import { accepted, messageOf, parse, problemsOf, withItems } from '../test/door.ts';

describe('a remedy', () => {
  const misspelt: [string, string][] = [
    ['  - {text: a, languge-code: en-US}', 'did you mean "language-code"?'],
    ['  - {text: a, voiceId: Joey}', 'did you mean "voice-id"?'],
    ['  - {text: a, voice: Joey}', 'did you mean "voice-id"?'],
    ['  - {text: a, voice-id: joanna}', 'did you mean "Joanna"?'],
    ['  - {text: a, engine: Standard}', 'did you mean "standard"?'],
    ['  - {text: a, output-format: WAV}', 'Polly makes no WAV: use pcm (docs/by-use.md shows'],
    ['  - {text: a, output-format: \u00b5-law}', 'did you mean "mulaw"?'],
    ['  - {text: a, output-format: \u03bclaw}', 'did you mean "mulaw"?'],
    ['  - {text: a, output-format: u-law}', 'did you mean "mulaw"?'],
    ['  - {text: a, output-format: PCMU}', 'did you mean "mulaw"?'],
    ['  - {text: a, output-format: g711u}', 'did you mean "mulaw"?'],
    ['  - {text: a, output-format: pcma}', 'did you mean "alaw"?'],
    ['  - {text: a, output-format: A-law}', 'did you mean "alaw"?'],
    ['  - {text: a, language-code: en_gb, voice-id: Amy}', 'did you mean "en-GB"?'],
    ['  - {text: a, language-code: en-gb}', 'did you mean "en-GB"?'],
    ['  - {text: a, language-code: en-CA}', ' (use one of: en-AU, en-GB, en-GB-WLS, en-IE,'],
    ['  - {text: a, language-code: fr-CH}', ' (use one of: fr-BE, fr-CA, fr-FR;'],
    ['  - {text: a, language-code: es-419}', ' (use one of: es-ES, es-MX, es-US;'],
    ['  - {text: a, language-code: hi-FI}', ' (did you mean "hi-IN"? Otherwise use a code of'],
    ['  - {text: a, language-code: it-CH}', ' (did you mean "it-IT"? Otherwise use a code of'],
    ['  - {text: a, language-code: ar-SA}', ' (use one of: ar-AE, arb;'],
    ['  - {text: a, language-code: ar-EG, engine: standard, voice-id: Zeina}', ' (use one of: ar-AE, arb;'],
    ['  - {text: a, language-code: la-VA}', ' (use a code of `setlist voices`'],
    ['  - {text: a, language-code: en-USA}', 'did you mean "en-US"?'],
    ['  - {text: a, colour: red}', 'remove it; known here: text, output-file,'],
    ['  - {text: a, budget: 5}', 'move it to "set"'],
  ];
  test.each(misspelt)('of %s: %s', (item, remedy) => {
    expect(messageOf(withItems(item))).toContain(remedy);
  });

  test.each([
    [
      '',
      'language-code: de, voice-id: Vicki',
      '(did you mean "de-DE"? Otherwise use one of: de-AT, de-CH, de-DE;',
    ],
    ['', 'language-code: en', '(did you mean "en-US"? Otherwise use one of: en-AU, en-GB,'],
    [
      'voice-id: Chantal',
      'language-code: FR',
      '(did you mean "fr-CA"? Otherwise use one of: fr-BE, fr-CA, fr-FR;',
    ],
    ['', 'language-code: fr', '(use one of: fr-BE, fr-CA, fr-FR;'],
    ['language-code: pt', 'voice-id: Joey', '(use one of: pt-BR, pt-PT;'],
    ['', 'language-code: ar, voice-id: Zeina', '(did you mean "arb"? Otherwise use one of: ar-AE, arb;'],
    ['', 'language-code: ja', '(did you mean "ja-JP"? Otherwise use a code of'],
  ])(
    'of a language without its variant names the one that the voice speaks: {%s} {%s}',
    (defaults, item, remedy) => {
      const file = withItems(`  - {text: a, ${item}}`);
      const all = `engine: standard${defaults && `, ${defaults}`}`;
      expect(messageOf(file.replace('items:', `defaults: {${all}}\nitems:`))).toContain(remedy);
    },
  );

  test.each([
    [withItems('  - {text: a, output-format: json, speech-marks: "sentence, word"}'), '[sentence, word]'],
    [withItems('  - text: a', '    lexicons: brands names'), '[brands, names]'],
    ['set: {name: a, notify: "mail, team"}\nitems: [text: a]\n', '[mail, team]'],
  ])('of a list without brackets is to write them: %s', (file, list) => {
    expect(messageOf(file)).toContain(` (write a list: ${list})`);
  });

  it('of a value that is no list without brackets either says what is allowed', () => {
    const file = withItems('  - {text: a, output-format: json, speech-marks: sentence and word}');
    expect(messageOf(file)).toContain('(use one of: sentence, ssml, viseme, word)');
  });

  it('recognizes a key by its name in the reference’s manual', () => {
    expect(messageOf('set: {name: a, prefix: b}\nitems: [text: a]\n')).toContain(
      'did you mean "output-prefix"?',
    );
  });

  it('for a text in braces with a comma is to quote it, even with compat, where half of it would be spoken', () => {
    const file = withItems('  - {text: Hello, world, engine: neural}');
    const message = 'the value before "world" ends at the comma, and this is read as a key';
    expect(messageOf(file)).toMatch(`${message} (put the whole value in quotes, since it contains a comma`);
    expect(parse(file, { compat: true })).toMatchObject({
      ok: true,
      warnings: [{ line: 4, column: 19, code: 'unknown-key', message }],
    });
    expect(messageOf(withItems('  - {text: a, colour: }'))).toContain('unknown key "colour"');
  });

  it('for a text without tags is to change its type in its item, which leaves the other items ssml', () => {
    const items = ['  - text: a', '    #', '  - text: <speak>b</speak>'];
    const file = withItems(...items).replace('items:', 'defaults: {text-type: ssml}\nitems:');
    expect(messageOf(file)).toContain('If the text has no tags, write `text-type: text` in its item instead');
    expect(accepted(file.replace('#', 'text-type: text')).items).toMatchObject([
      { text: 'a', textType: 'text' },
      { text: '<speak>b</speak>', textType: 'ssml' },
    ]);
  });

  it('for texts that are too long for the common sample rate points at these texts', () => {
    const long = 'long text '.repeat(301);
    const texts = ['a', 'b', 'c', long, long].map((text) => `  - text: ${text}`);
    const file = withItems(...texts).replace('items:', 'defaults: {sample-rate: 48000}\nitems:');
    expect(problemsOf(file)).toEqual(['8:11 sample-rate items[3].text', '9:11 sample-rate items[4].text']);
  });

  it('does not blame a comma for a key without a value outside braces', () => {
    expect(messageOf(withItems('  - text: a\n    ? colour'))).toContain('unknown key "colour"');
  });

  it('says to keep the anchors of an unknown section', () => {
    const file = 'x-voices: &v {voice-id: Joey}\nset: {name: a}\nitems: [{text: a, <<: *v}]\n';
    expect(messageOf(file)).toContain('remove it, and move its anchors to where they are first used;');
  });

  it('distinguishes a trailing slash of a prefix from a double one', () => {
    const withPrefix = (prefix: string) => `set: {name: a, output-prefix: ${prefix}}\nitems: [text: a]\n`;
    expect(messageOf(withPrefix('act-1/'))).toBe(
      'as a folder, "act-1/" ends with a slash (remove the trailing slash)',
    );
    expect(messageOf(withPrefix('act-1//b'))).toContain('write a single "/"');
  });

  it('says how long a prefix is and may be', () => {
    const withPrefix = (prefix: string) => `set: {name: a, output-prefix: ${prefix}}\nitems: [text: a]\n`;
    expect(messageOf(withPrefix(`${'x/'.repeat(480)}x`))).toBe(
      'as a folder, it is 961 bytes; the limit is 960, so that files fit below it (shorten it)',
    );
    expect(parse(withPrefix(`${'x/'.repeat(479)}xx`)).ok).toBe(true);
  });

  it.each(['s3://my-bucket/voices', 'file:///srv/audio', '/srv/audio', 'C:/prompts', 'C:\\prompts'])(
    'for a place as the prefix names the settings for places, and not --compat: %s',
    (place) => {
      expect(messageOf(`set: {name: a, output-prefix: ${place}}\nitems: [text: a]\n`)).toBe(
        `${JSON.stringify(place)} names a place, not a folder below the output (name the place with --out of run, --outbox of up or OUTPUT of the services; here, name only folders below it, without a leading "/")`,
      );
    },
  );

  it('for an invisible character names it, and compat does not accept it', () => {
    const nbsp = '\u00a0'.repeat(4);
    const indented = `${withItems('  - text: a')}${nbsp}voice-id: Joey\n`;
    expect(messageOf(indented)).toBe(
      'the key "\\u00a0\\u00a0\\u00a0\\u00a0voice-id" begins or ends with an invisible character (U+00A0) (remove it, and indent with plain spaces)',
    );
    expect(parse(indented, { compat: true }).ok).toBe(false);
    expect(parse('set: {name: a}\n\ufeffitems: [text: a]\n', { compat: true })).toMatchObject({
      ok: false,
      problems: [
        { code: 'missing-section' },
        { line: 2, column: 1, message: expect.stringContaining('(U+FEFF)') },
      ],
    });
    expect(messageOf(withItems('  - {text: a, voice-id\u200b: Joey}'))).toContain('(U+200B)');
    const colon =
      'and contains an invisible character (U+00A0) (remove it, and write a plain space after the colon)';
    expect(messageOf(withItems('  - text:\u00a0Hello'))).toBe(
      `an item is plain text without a key, ${colon}`,
    );
    expect(messageOf('set:\n  name:\u00a0a\nitems: [text: a]\n')).toBe(
      `"set" is not keys and values, ${colon}`,
    );
  });

  it('names suitable voices and engines', () => {
    expect(messageOf(withItems('  - {text: a, voice-id: Joey, engine: long-form}'))).toBe(
      'the voice Joey has no long-form engine (write "engine: standard" or "engine: neural", or use a voice that has it: Danielle, Gregory, Ruth; or accept it with --compat)',
    );
  });
});
