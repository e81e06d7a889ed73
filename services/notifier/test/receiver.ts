/** A web server on loopback that records posts and gives the answers it is told to. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { eventually } from '@setlist/testkit';
import { type Harness, notifierOf, startHarness } from './harness.ts';

export interface Posted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Milliseconds, on a clock that never jumps. */
  readonly atMs: number;
}

/** Writes the reply; writing nothing is silence. */
export type Answer = (response: ServerResponse, posted: Posted) => void;

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly posts: readonly Posted[];
  answer: Answer;
  waitFor(count: number): Promise<readonly Posted[]>;
}

export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** Settings under which a notifier posts to a receiver. */
export const LOOPBACK = { WEBHOOK_HTTP: 'yes', WEBHOOK_NETWORKS: '127.0.0.1' };

/** A webhook entry of a channels file, leading to a receiver. */
export const hookTo = ({ url }: Receiver, more: object = {}) => ({
  kind: 'webhook',
  url: `${url}/hook?key=s3cret-key`,
  secrets: [SECRET],
  ...more,
});

export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end();

/** Answers 204 to everything unless `answer` is changed. `port`: that of a closed receiver, to bring it back. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const posts: Posted[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { url: path = '', headers } = request;
    const posted = { path, headers, body: Buffer.concat(chunks).toString('utf8'), atMs: performance.now() };
    posts.push(posted);
    receiver.answer(response, posted);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port.');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    posts,
    answer: status(204),
    async waitFor(count) {
      await eventually(() => {
        if (posts.length < count) throw new Error(`${posts.length} of ${count} posts arrived`);
      });
      return posts;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/** A log, a receiver, and notifiers that can post to it. */
export interface Posting extends AsyncDisposable {
  readonly world: Harness;
  readonly receiver: Receiver;
  /** Starts a notifier with these channels; the returned function stops it. */
  start(channels: object, settings?: Record<string, string>): Promise<() => Promise<void>>;
  /** A webhook that leads to the receiver. */
  hook(more?: object): ReturnType<typeof hookTo>;
}

export async function startPosting(): Promise<Posting> {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startReceiver());
  const world = stack.use(await startHarness());
  const open = stack.move();
  return {
    world,
    receiver,
    start: (channels, settings = {}) => notifierOf(world, channels, { ...LOOPBACK, ...settings }),
    hook: (more) => hookTo(receiver, more),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
