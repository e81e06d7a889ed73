/** Audio that is too long to be held in memory. */
import { GetSpeechSynthesisTaskCommand, StartSpeechSynthesisTaskCommand } from '@aws-sdk/client-polly';
import { eventually, temporaryFolder } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { loadEspeak } from '../src/engine/espeak.ts';
import { AudioTooLong, type SpeechRequest } from '../src/engine/speech-request.ts';
import { createSynthesizer } from '../src/engine/synthesizer.ts';
import { startEngine } from './engine.ts';

test('a task of many hours of pauses fails with the reason at once', async () => {
  await using folder = await temporaryFolder();
  await using engine = await startEngine({ TASK_OUTPUT_DIR: folder.path });
  const { SynthesisTask } = await engine.http1.send(
    new StartSpeechSynthesisTaskCommand({
      Text: `<speak>Wait.${'<break time="10s"/>'.repeat(9_900)}Go.</speak>`,
      TextType: 'ssml',
      VoiceId: 'Brian',
      OutputFormat: 'pcm',
      OutputS3BucketName: 'audio',
    }),
  );
  const TaskId = SynthesisTask?.TaskId;
  const ended = await eventually(async () => {
    const { SynthesisTask: task } = await engine.http1.send(new GetSpeechSynthesisTaskCommand({ TaskId }));
    return task?.TaskStatus === 'failed' ? task : null;
  });
  expect(ended.TaskStatusReason).toMatch(/longer than 8 hours/);
});

test('speech is given up once it is too long, unless it is to be cut off', async () => {
  const synthesize = createSynthesizer(await loadEspeak(), 3_000);
  const said: SpeechRequest = {
    text: 'The whale swam, and the sea closed over it. '.repeat(5),
    textType: 'text',
    voice: 'Brian',
    language: 'en-GB',
    pronunciations: [],
    output: { kind: 'audio', format: 'pcm', sampleRate: 8_000 },
  };
  const BYTES_A_SECOND = 16_000;
  const notCancelled = () => false;
  await expect(synthesize(said, notCancelled)).rejects.toThrow(AudioTooLong);
  const short = await synthesize({ ...said, text: 'Aye.' }, notCancelled);
  expect(short.length).toBeLessThan(3 * BYTES_A_SECOND);
  const cut = await synthesize({ ...said, longestMs: 5_000 }, notCancelled);
  expect(cut.length / BYTES_A_SECOND).toBeCloseTo(5, 1);
});
