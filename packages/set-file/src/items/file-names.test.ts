/** File names: as in the reference, or the user's own within the prefix; each is unique and valid in every store. */
import { describe, expect, it, test } from 'vitest';
import { accepted, messageOf, problemsOf, withItems } from '../../test/door.ts';
import { defaultFileName } from './default-file-name.ts';

describe('a default name', () => {
  it('ends in the format’s name for the formats of the reference, even ogg_vorbis', () => {
    const names = (['mp3', 'ogg_vorbis', 'pcm', 'json', 'ogg_opus', 'mulaw', 'alaw'] as const).map((format) =>
      defaultFileName(7, 'Hi!', format),
    );
    expect(names).toEqual([
      ...['item-000007-hi.mp3', 'item-000007-hi.ogg_vorbis', 'item-000007-hi.pcm', 'item-000007-hi.json'],
      ...['item-000007-hi.opus', 'item-000007-hi.ulaw', 'item-000007-hi.alaw'],
    ]);
  });

  it('ends in the format’s name for every format with compat, as in the reference', () => {
    const file = withItems(
      ...['ogg_opus', 'mulaw', 'alaw'].map((is) => `  - {text: a, output-format: ${is}}`),
    );
    const namesOf = (compat: boolean) => accepted(file, { compat }).items.map((item) => item.file);
    expect(namesOf(true)).toEqual(['item-000000-a.ogg_opus', 'item-000001-a.mulaw', 'item-000002-a.alaw']);
    expect(namesOf(false)).toEqual(['item-000000-a.opus', 'item-000001-a.ulaw', 'item-000002-a.alaw']);
  });

  it('keeps its dash if nothing remains of the text', () => {
    expect(defaultFileName(0, '!?', 'mp3')).toBe('item-000000-.mp3');
  });

  it('can have more than six digits', () => {
    expect(defaultFileName(1_234_567, 'a', 'mp3')).toBe('item-1234567-a.mp3');
  });
});

const item = (file: string, more = '') => `  - {text: a, output-file: ${JSON.stringify(file)}${more}}`;

describe('a written name', () => {
  test.each(['a.mp3', 'A b.MP3', 'x/y/z.mp3', 'été.mp3', '語/音.mp3', 'a.b.mp3'])('%s is kept', (file) => {
    expect(accepted(withItems(item(file))).items[0]?.file).toBe(file);
  });

  test.each(['manifest.json', 'Manifest.CSV', 'manifeſt.json', 'MANIFEST.JSON/a.mp3'])(
    '%s is refused, even with compat: the manifest is written there',
    (file) => {
      const text = withItems(item(file, ', output-format: json, speech-marks: word'));
      expect(problemsOf(text)).toEqual(['4:28 bad-file-name items[0].output-file']);
      expect(problemsOf(text, { compat: true })).toEqual(['4:28 bad-file-name items[0].output-file']);
      expect(messageOf(text)).toMatch(/where the set's manifest is written.* \(give the f.* another name\)/);
    },
  );

  test.each([
    ['audio', `${'0a'.repeat(32)}.mp3`],
    ['Audio', `${'0A'.repeat(32)}.0123456789abcdef.MP3`],
    ['setfiles', `${'0a'.repeat(32)}.mp3`],
    ['drops', '20260105t090001-k3f9q2.mp3'],
  ])('%s/%s is refused, even with compat, since Setlist’s own files have such names', (prefix, file) => {
    const text = withItems(item(file)).replace('set:\n', `set:\n  output-prefix: ${prefix}\n`);
    expect(problemsOf(text, { compat: true })).toEqual(['5:28 bad-file-name items[0].output-file']);
    expect(messageOf(text)).toContain('a name that Setlist uses for its own files');
    const other = text.replace(file, 'hello.mp3');
    expect(accepted(other).prefix).toBe(prefix);
  });

  test.each([' a.mp3', 'x/a.mp3 ', 'x / a.mp3'])('%j is refused, since its blanks would be lost', (file) => {
    expect(problemsOf(withItems(item(file)))).toContain('4:28 bad-file-name items[0].output-file');
    const folder = withItems(item('a.mp3')).replace('set:\n', `set:\n  output-prefix: "${file}"\n`);
    expect(problemsOf(folder)).toContain('2:18 bad-output-prefix set.output-prefix');
  });

  it('in a block text is the line without its line break', () => {
    const text = withItems('  - text: a', '    output-file: |', '      a.mp3');
    expect(accepted(text).items[0]?.file).toBe('a.mp3');
  });

  it('can be that of a manifest inside a folder, where none is written', () => {
    const text = withItems(item('x/manifest.json', ', output-format: json, speech-marks: word'));
    expect(accepted(text).items[0]?.file).toBe('x/manifest.json');
  });

  test.each(['../a.mp3', 'x/../../a.mp3', '..\\a.mp3', '/a.mp3', 'C:\\a.mp3', 'C:/a.mp3', 'x/..'])(
    '%s leaves the prefix',
    (file) => {
      expect(messageOf(withItems(item(file)))).toContain("leaves the set's prefix");
    },
  );

  test.each([
    'a\u0007.mp3',
    'a|b.mp3',
    'a//b.mp3',
    './a.mp3',
    'nul.mp3',
    '.a.mp3',
    'x/',
    `${'x'.repeat(260)}.mp3`,
  ])('%j is not valid in every store', (file) => {
    expect(problemsOf(withItems(item(file)))).toEqual(['4:28 bad-file-name items[0].output-file']);
  });

  it('is at most 32 folders deep', () => {
    expect(accepted(withItems(item(`${'x/'.repeat(32)}a.mp3`))).items).toHaveLength(1);
    const deep = withItems(item(`${'x/'.repeat(33)}a.mp3`));
    expect(problemsOf(deep, { compat: true })).toEqual(['4:28 bad-file-name items[0].output-file']);
    expect(messageOf(deep)).toContain('is 33 folders deep');
  });

  test.each(['a.yml', 'a.YAML', 'a.json'])('%s would be mistaken for a set file', (file) => {
    expect(messageOf(withItems(item(file)))).toContain('is named like a set file');
  });

  it('can end in .json if the file contains speech marks', () => {
    expect(
      accepted(withItems(item('a.json', ', output-format: json, speech-marks: word'))).items[0]?.file,
    ).toBe('a.json');
  });

  test.each([
    ['a.ogg', 'mp3', 'write "output-format: ogg_vorbis" or "output-format: ogg_opus"'],
    ['a', 'mp3', 'has no extension'],
    [
      'a.wav',
      'mp3',
      'no WAV: end the name in .mp3, or write "output-format: pcm" and end it in .pcm; docs/by',
    ],
  ])('%s does not fit %s', (file, format, remedy) => {
    expect(messageOf(withItems(item(file, `, output-format: ${format}`)))).toContain(remedy);
  });

  test.each([
    ['a.ogg', 'ogg_vorbis'],
    ['a.ogg_vorbis', 'ogg_vorbis'],
    ['a.opus', 'ogg_opus'],
    ['a.ulaw', 'mulaw'],
    ['a.alaw', 'alaw'],
    ['a.raw', 'pcm'],
  ])('%s fits %s', (file, format) => {
    expect(accepted(withItems(item(file, `, output-format: ${format}`))).items[0]?.file).toBe(file);
  });
});

describe('no two items', () => {
  it('have the same file, even by a default name', () => {
    expect(problemsOf(withItems(item('a.mp3'), item('a.mp3')))).toEqual([
      '5:28 duplicate-file items[1].output-file',
    ]);
    expect(problemsOf(withItems(item('item-000001-b.mp3'), '  - text: b'))).toEqual([
      '5:5 duplicate-file items[1]',
    ]);
  });

  it('have the same file, even if an earlier item has that name in another case', () => {
    const written = withItems(item('A.mp3'), item('a.mp3'), item('a.mp3'));
    expect(problemsOf(written)).toContain('6:28 duplicate-file items[2].output-file');
    expect(problemsOf(written, { compat: true })).toEqual(['6:28 duplicate-file items[2].output-file']);
    const likeMade = item('Item-000000-foo.mp3');
    expect(problemsOf(withItems('  - text: foo', likeMade, likeMade), { compat: true })).toEqual([
      '6:28 duplicate-file items[2].output-file',
    ]);
    const before = [item('Item-000002-foo.mp3'), item('item-000002-foo.mp3'), '  - text: foo'];
    expect(problemsOf(withItems(...before), { compat: true })).toEqual(['6:5 duplicate-file items[2]']);
  });

  it('have the same file by an alias, which is reported at the item that needs another name', () => {
    const first = ['  - &f', '    text: foo', '    output-file: f.mp3'];
    expect(problemsOf(withItems(...first, '  - <<: *f', '    voice-id: Joey', '  - *f'))).toEqual([
      '7:5 duplicate-file items[1].output-file',
      '9:5 duplicate-file items[2].output-file',
    ]);
  });

  it('have files that some file systems can’t tell apart', () => {
    expect(problemsOf(withItems(item('a.mp3'), item('A.mp3')))).toEqual([
      '5:28 similar-file items[1].output-file',
    ]);
    expect(problemsOf(withItems(item('caf\u00e9.mp3'), item('cafe\u0301.mp3')))).toEqual([
      '5:28 similar-file items[1].output-file',
    ]);
  });

  it('have a file that is a folder of the other’s file', () => {
    expect(problemsOf(withItems(item('a.mp3'), item('a.mp3/b.mp3')))).toEqual([
      '5:28 file-is-folder items[1].output-file',
    ]);
    expect(problemsOf(withItems(item('a.mp3/b.mp3'), item('a.mp3')))).toEqual([
      '5:28 file-is-folder items[1].output-file',
    ]);
  });
});
