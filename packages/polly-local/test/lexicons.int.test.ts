import {
  DeleteLexiconCommand,
  GetLexiconCommand,
  ListLexiconsCommand,
  PutLexiconCommand,
  SynthesizeSpeechCommand,
  type SynthesizeSpeechCommandInput,
} from '@aws-sdk/client-polly';
import { temporaryFolder } from '@setlist/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEngine, type TestEngine } from './engine.ts';

const pls = (language: string, grapheme: string, pronunciation: string, alphabet = 'ipa') =>
  `<lexicon version="1.0" alphabet="${alphabet}" xml:lang="${language}" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon">
    <lexeme><grapheme>${grapheme}</grapheme>${pronunciation}</lexeme>
  </lexicon>`;

let engine: TestEngine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

const put = (Name: string, Content: string) => engine.http1.send(new PutLexiconCommand({ Name, Content }));

/** The spoken sounds as visemes: equal for equal sounds. */
async function sounds(Text: string, input: Partial<SynthesizeSpeechCommandInput> = {}): Promise<string> {
  const { AudioStream } = await engine.http1.send(
    new SynthesizeSpeechCommand({
      Text,
      VoiceId: 'Joanna',
      OutputFormat: 'json',
      SpeechMarkTypes: ['viseme'],
      ...input,
    }),
  );
  const lines = ((await AudioStream?.transformToString()) ?? '').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line).value).join('');
}

it('changes what is spoken, by alias and by phonemes in either alphabet', async () => {
  await put('alias', pls('en-US', 'W3C', '<alias>World Wide Web Consortium</alias>'));
  expect(await sounds('W3C', { LexiconNames: ['alias'] })).toBe(await sounds('World Wide Web Consortium'));
  expect(await sounds('W3C')).not.toBe(await sounds('World Wide Web Consortium'));

  await put('ipa', pls('en-US', 'pecan', '<phoneme>ʃɪp</phoneme>'));
  await put('xsampa', pls('en-US', 'pecan', '<phoneme>SIp</phoneme>', 'x-sampa'));
  expect(await sounds('pecan', { LexiconNames: ['ipa'] })).toBe(await sounds('ship'));
  expect(await sounds('pecan', { LexiconNames: ['xsampa'] })).toBe(await sounds('ship'));
});

it('applies the first lexicon that has a word, and none for another language', async () => {
  await put('first', pls('en', 'moby', '<alias>whale</alias>'));
  await put('second', pls('en-US', 'moby', '<alias>ship</alias>'));
  await put('british', pls('en-GB', 'moby', '<alias>harpoon</alias>'));
  expect(await sounds('moby', { LexiconNames: ['british', 'first', 'second'] })).toBe(await sounds('whale'));
  expect(await sounds('moby', { LexiconNames: ['second', 'first'] })).toBe(await sounds('ship'));
});

it('is stored, described, listed and deleted', async () => {
  const Content = pls('en-US', 'W3C', '<alias>Consortium</alias>');
  await put('Kept1', Content);
  const { Lexicon, LexiconAttributes } = await engine.http1.send(new GetLexiconCommand({ Name: 'Kept1' }));
  expect(Lexicon).toEqual({ Name: 'Kept1', Content });
  expect(LexiconAttributes).toMatchObject({
    Alphabet: 'ipa',
    LanguageCode: 'en-US',
    LexemesCount: 1,
    Size: Content.length,
    LexiconArn: 'arn:aws:polly:us-east-1:000000000000:lexicon/Kept1',
  });
  expect(Math.abs(Date.now() - Number(LexiconAttributes?.LastModified?.getTime()))).toBeLessThan(60_000);
  const names = async () =>
    (await engine.http1.send(new ListLexiconsCommand({}))).Lexicons?.map(({ Name }) => Name) ?? [];
  expect(await names()).toContain('Kept1');
  await engine.http1.send(new DeleteLexiconCommand({ Name: 'Kept1' }));
  expect(await names()).not.toContain('Kept1');
  for (const gone of [
    new DeleteLexiconCommand({ Name: 'Kept1' }),
    new GetLexiconCommand({ Name: 'Kept1' }),
  ]) {
    const refused = { name: 'LexiconNotFoundException', $metadata: { httpStatusCode: 404 } };
    await expect(engine.http1.send(gone as GetLexiconCommand)).rejects.toMatchObject(refused);
  }
});

it('refuses names, sizes and numbers beyond Polly’s', async () => {
  const content = pls('en-US', 'a', '<alias>b</alias>');
  await expect(put('not-a-name', content)).rejects.toMatchObject({ name: 'ValidationException' });
  const padded = `${content}<!--${' '.repeat(40_000)}-->`;
  await expect(put('big', padded)).rejects.toMatchObject({ name: 'LexiconSizeExceededException' });
  const { Lexicons = [] } = await engine.http1.send(new ListLexiconsCommand({}));
  for (let n = Lexicons.length; n < 100; n++) await put(`n${n}`, content);
  await expect(put('oneMore', content)).rejects.toMatchObject({ name: 'MaxLexiconsNumberExceededException' });
  await put('n99', content);
});

it('survives a restart if there is a folder for it, whatever the case of its name', async () => {
  await using folder = await temporaryFolder();
  const content = pls('en-US', 'a', '<alias>b</alias>');
  {
    await using first = await startEngine({ ENGINE: 'instant', STATE_DIR: folder.path });
    for (const Name of ['Same', 'same'])
      await first.http1.send(new PutLexiconCommand({ Name, Content: content }));
  }
  await using second = await startEngine({ ENGINE: 'instant', STATE_DIR: folder.path });
  const { Lexicons } = await second.http1.send(new ListLexiconsCommand({}));
  expect(Lexicons?.map(({ Name }) => Name)).toEqual(['Same', 'same']);
});
