/** The remedies for tags, attributes and values can be followed with the engine and the voice at hand. */
import { expect, test } from 'vitest';
import { checkSsml, type Engine, findVoice } from '../index.ts';

const inSpeak = (content: string) => `<speak>${content}</speak>`;

test.each<[string, Engine, string[]]>([
  ['Matthew', 'standard', []],
  ['Joey', 'standard', ['Matthew']],
  ['Ruth', 'long-form', ['Joanna']],
  ['Vicki', 'generative', ['Amy', 'Joanna', 'Lupe', 'Matthew']],
])(
  'the newscaster style, asked of %s with the %s engine, names only voices that have it',
  (voice, engine, others) => {
    const news = inSpeak('<amazon:domain name="news">a</amazon:domain>');
    const [problem] = checkSsml(news, { engine, voice });
    expect(problem?.remedy).toContain('use `engine: neural`');
    const named = problem?.remedy.match(/[A-Z]\w+/g) ?? [];
    expect(named.filter((name) => name !== voice && findVoice(name))).toEqual(others);
    for (const other of [...others, 'Matthew']) {
      expect(checkSsml(news, { engine: 'neural', voice: other })).toEqual([]);
    }
  },
);

test.each<[string, Engine, string]>([
  ['<amazon:effect>a</amazon:effect>', 'neural', 'Give it one of `name`.'],
  ['<amazon:effect loud="yes">a</amazon:effect>', 'neural', 'Remove it. <amazon:effect> has these: `name`.'],
  ['<amazon:effect name="hushed">a</amazon:effect>', 'long-form', 'Write one of `drc`.'],
  ['<amazon:effect name="hushed">a</amazon:effect>', 'standard', 'Write one of `drc`, `whispered`.'],
  ['<prosody>a</prosody>', 'neural', 'Give it one of `rate`, `volume`.'],
  ['<prosody speed="1">a</prosody>', 'generative', 'Remove it. <prosody> has these: `rate`, `volume`.'],
  ['<prosody>a</prosody>', 'standard', 'Give it one of `rate`, `volume`, `pitch`, `amazon:max-duration`.'],
  ['<amazon:effect>a</amazon:effect>', 'generative', 'Remove the effect.'],
  ['<amazon:effect loud="yes">a</amazon:effect>', 'generative', 'Remove the effect.'],
  ['<amazon:effect name="hushed">a</amazon:effect>', 'generative', 'Remove the effect.'],
])('%s names only what the %s engine supports', (content, engine, remedy) => {
  expect(checkSsml(inSpeak(content), { engine })).toEqual([
    expect.objectContaining({ kind: 'malformed', remedy }),
  ]);
});

test.each<[string, Engine, string]>([
  ['<emphasis level="huge">a</emphasis>', 'neural', 'Remove the emphasis.'],
  ['<emphasis level="strong">a</emphasis>', 'neural', 'Remove the emphasis, or use `engine: standard`.'],
  ['<amazon:domain>a</amazon:domain>', 'generative', 'Remove the newscaster style.'],
  ['<amazon:breath length="long"/>', 'neural', 'Remove the breath.'],
  ['<prosody pitch="huge">a</prosody>', 'neural', 'Remove the prosody.'],
  ['<prosody pitch="low">a</prosody>', 'neural', 'Remove the prosody, or use `engine: standard`.'],
  ['<prosody pitch="low" rate="slow">a</prosody>', 'neural', 'Remove `pitch`, or use `engine: standard`.'],
  ['<amazon:effect vocal-tract-length="long">a</amazon:effect>', 'neural', 'Remove the effect.'],
])(
  'of %s, only that the %s engine lacks it is reported, not what it lacks or its values',
  (content, engine, remedy) => {
    expect(checkSsml(inSpeak(content), { engine })).toEqual([
      expect.objectContaining({ kind: 'unsupported', remedy }),
    ]);
  },
);
