/** The baseline for every figure: the local engine without Setlist, and a call to it as the dispatcher makes it. */

import { Agent } from 'node:http';
import { PollyClient, SynthesizeSpeechCommand } from '@aws-sdk/client-polly';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** The items processed before those that count, on either side, to open connections and compile code. */
export const WARM_UP_ITEMS = 1_000;
const CALL_TIMEOUT_MS = 30_000;

/** Calls for a text's audio with the dispatcher's client settings: one try, HTTP/1.1, keep-alive, unsigned. */
export function speaker(url: string): (text: string) => Promise<Uint8Array> {
  const client = new PollyClient({
    region: 'us-east-1',
    endpoint: url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    signer: { sign: async (unsigned) => unsigned },
    maxAttempts: 1,
    cacheMiddleware: true,
    requestHandler: new NodeHttpHandler({
      httpAgent: new Agent({ keepAlive: true, maxSockets: 256 }),
      connectionTimeout: 5_000,
      requestTimeout: CALL_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    }),
  });
  return async (text) => {
    const request = new SynthesizeSpeechCommand({
      Engine: 'standard',
      VoiceId: 'Joanna',
      OutputFormat: 'mp3',
      SampleRate: '22050',
      TextType: 'text',
      Text: text,
    });
    const reply = await client.send(request, { abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
    if (!reply.AudioStream) throw new Error('the engine answered without audio');
    return reply.AudioStream.transformToByteArray();
  };
}
