/** The stream of one watcher on a real connection; what the log would say is said by the test. */
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { eventually } from '@setlist/testkit';
import fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { expect, onTestFinished, test } from 'vitest';
import { localCaller } from '../access/caller.ts';
import type { ConsoleDeps } from '../http/deps.ts';
import type { Watcher } from '../watch/live-feed.ts';
import { liveRoutes } from './live.ts';

/** A watcher whose token runs out in so many ms, on a connection that reads nothing. */
async function silentWatcher(forMs: number) {
  const api = fastify().withTypeProvider<ZodTypeProvider>();
  onTestFinished(() => api.close());
  api.setValidatorCompiler(validatorCompiler);
  api.setSerializerCompiler(serializerCompiler);
  api.decorateRequest('caller');
  api.addHook('onRequest', async (request) => {
    request.caller = { ...localCaller, until: Date.now() + forMs };
  });
  const watched: Watcher[] = [];
  let letGo = 0;
  const watch = async (watcher: Watcher) => {
    watched.push(watcher);
    return { [Symbol.dispose]: () => void letGo++ };
  };
  liveRoutes(api, { feed: { watch } } as unknown as ConsoleDeps);
  await api.listen({ port: 0, host: '127.0.0.1' });
  const socket: Socket = connect((api.server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.pause();
  socket.write('GET /live HTTP/1.1\r\nhost: here\r\n\r\n');
  await eventually(() => expect(watched).toHaveLength(1));
  return { send: (text: string) => watched[0]?.send(text), letGo: () => letGo };
}

test('a watcher that reads nothing is let go when its token runs out, and harms nobody until then', async () => {
  const { send, letGo } = await silentWatcher(500);
  // More than the kernel keeps for it, and less than what has it let go for piling up.
  const frame = `data: ${'x'.repeat(65_536)}\n\n`;
  for (let frames = 0; frames < 80; frames++) {
    send(frame);
    await new Promise(setImmediate);
  }
  await eventually(() => {
    // As changes go on coming: a write after the end would be an error that nobody takes.
    send('data: more\n\n');
    expect(letGo()).toBe(1);
  });
});
