/** A test's own engine, and the SDK's client for it. */
import { Agent } from 'node:http';
import { PollyClient } from '@aws-sdk/client-polly';
import { createLogger, loadConfig } from '@setlist/runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { pollyLocalConfig } from '../src/config.ts';
import { startPollyLocal } from '../src/service.ts';

export type TestEngine = AsyncDisposable & {
  readonly url: string;
  readonly http1: PollyClient;
  readonly http2: PollyClient;
};

/** @param env settings, on top of a free port, a silent log and one speech thread. */
export async function startEngine(env: Readonly<Record<string, string>> = {}): Promise<TestEngine> {
  const stack = new AsyncDisposableStack();
  const config = loadConfig(pollyLocalConfig, { LISTEN_PORT: '0', WORKERS: '1', ...env });
  const { url } = await startPollyLocal(
    config,
    createLogger({ service: 'polly-local', level: 'silent' }),
    stack,
  );
  const common = {
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const http1 = new PollyClient({
    ...common,
    requestHandler: new NodeHttpHandler({ httpAgent: new Agent({ keepAlive: true, maxSockets: 100 }) }),
  });
  const http2 = new PollyClient(common);
  stack.defer(() => http1.destroy());
  stack.defer(() => http2.destroy());
  return { url, http1, http2, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
