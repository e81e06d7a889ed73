/**
 * Loaded into a dispatcher before anything else: its provider answers at once, with the audio of NO_CALL_AUDIO.
 * Everything else is unchanged: the item is claimed, its audio checked, stored, paid for in the log and delivered.
 */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { PollyClient, SynthesizeSpeechCommand } from '@aws-sdk/client-polly';

const audio = new Uint8Array(readFileSync(process.env.NO_CALL_AUDIO ?? ''));

const answer = (command: unknown) => {
  if (!(command instanceof SynthesizeSpeechCommand)) throw new Error('only SynthesizeSpeech is left out');
  const { Text = '' } = command.input;
  return Promise.resolve({
    $metadata: { requestId: 'no-call', httpStatusCode: 200 },
    ContentType: 'audio/mpeg',
    RequestCharacters: Text.length,
    AudioStream: Readable.from([audio]),
  });
};

Object.defineProperty(PollyClient.prototype, 'send', { value: answer });
