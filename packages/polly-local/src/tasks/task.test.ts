import { expect, it } from 'vitest';
import { completionNotice, outputKey, type Task } from './task.ts';

it.each([
  ['calls/intro', 'mp3', 'calls/intro.id.mp3'],
  [undefined, 'ogg_vorbis', 'id.ogg'],
  ['', 'pcm', 'id.pcm'],
  ['folder/', 'mp3', 'folder/.id.mp3'],
  ['marks', 'json', 'marks.id.marks'],
] as const)('writes prefix %s in %s to %s', (prefix, format, key) => {
  expect(outputKey(prefix, 'id', format)).toBe(key);
});

it('notifies a topic of a finished task with the spellings of Polly’s messages', () => {
  const sound = { text: 'Hi', voice: 'Brian', engine: 'neural', format: 'ogg_vorbis' };
  const task: Task = {
    id: 'id',
    status: 'completed',
    creationMs: Date.UTC(2026, 0, 2),
    order: {
      engine: 'neural',
      format: 'ogg_vorbis',
      billedCharacters: 2,
      sound,
      request: {
        text: 'Hi',
        textType: 'text',
        voice: 'Brian',
        language: 'en-GB',
        pronunciations: [],
        output: { kind: 'audio', format: 'ogg_vorbis', sampleRate: 24_000 },
      },
    },
    input: {
      Engine: 'neural',
      LexiconNames: [],
      OutputFormat: 'ogg_vorbis',
      SpeechMarkTypes: [],
      TextType: 'text',
      VoiceId: 'Brian',
    },
    output: { bucket: 'calls', key: 'a.id.ogg', uri: 'https://s3.us-east-1.amazonaws.com/calls/a.id.ogg' },
    snsTopicArn: 'arn:aws:sns:us-east-1:000000000000:done',
  };
  expect(completionNotice(task)).toEqual({
    taskId: 'id',
    taskStatus: 'COMPLETED',
    outputUri: 's3://calls/a.id.ogg',
    creationTime: '2026-01-02T00:00:00.000Z',
    requestCharacters: 2,
    snsTopicArn: 'arn:aws:sns:us-east-1:000000000000:done',
    outputFormat: 'OggVorbis',
    textType: 'Text',
    voiceId: 'Brian',
  });
});
