/** A proxy to the engine that loses or delays requests and answers. */
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * What happens to a request. The engine gets it, and its answer arrives, is lost by a reset, is replaced by a fault,
 * stalls halfway, or is halved, with a length to match. Or the engine never gets it, and the answer is a fault
 * (`unheard`), a throttle, a refusal, or a proxy's page. A request that is `held` arrives once it is released.
 */
type Fate =
  | 'arrives'
  | 'held'
  | 'reset'
  | 'fault'
  | 'unheard'
  | 'throttled'
  | 'denied'
  | 'page'
  | 'stalls'
  | 'halved';

interface Listed {
  readonly TaskId: string;
}

/** The list of tasks of a provider that lists them late. */
class LateList {
  #byMs = 0;
  readonly #startedAt = new Map<string, number>();

  beLateBy(ms: number): void {
    this.#byMs = ms;
  }

  /** The answer to a request, without tasks that are not listed yet. */
  as(name: string, body: Buffer): Buffer {
    if (this.#byMs === 0) return body;
    if (name === 'POST /v1/synthesisTasks') {
      const { SynthesisTask: task } = JSON.parse(body.toString()) as { SynthesisTask?: Listed };
      if (task) this.#startedAt.set(task.TaskId, performance.now());
      return body;
    }
    if (!name.startsWith('GET /v1/synthesisTasks?')) return body;
    const page = JSON.parse(body.toString()) as { SynthesisTasks?: Listed[] };
    const isListed = ({ TaskId }: Listed): boolean =>
      performance.now() - (this.#startedAt.get(TaskId) ?? 0) > this.#byMs;
    return Buffer.from(JSON.stringify({ ...page, SynthesisTasks: page.SynthesisTasks?.filter(isListed) }));
  }
}

export type Way = Awaited<ReturnType<typeof openWay>>;

/** Starts a proxy to the engine. @param port a free one unless given */
export async function openWay(engineUrl: string, port = 0) {
  const counts = new Map<string, number>();
  const fates = new Map<string, Fate[]>();
  const held: (() => void)[] = [];
  const list = new LateList();
  const server = createServer(async (incoming, outgoing) => {
    const name = `${incoming.method} ${incoming.url}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const fate = fates.get(name)?.shift() ?? 'arrives';
    if (fate === 'held') await new Promise<void>((release) => held.push(release));
    await pass(incoming, outgoing, { engineUrl, fate, list }).catch(() => outgoing.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    seen: (name: string): number => counts.get(name) ?? 0,
    /** Sets the fates of the next requests, in order. */
    next: (name: string, ...next: Fate[]): void => void fates.set(name, next),
    /** Lets the held requests go on to the engine. */
    release: (): void => {
      for (const release of held.splice(0)) release();
    },
    /** From now on, tasks are listed only `ms` after their start, as can happen with Polly’s list. */
    listLateBy: (ms: number): void => list.beLateBy(ms),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { engineUrl, fate, list }: { engineUrl: string; fate: Fate; list: LateList },
): Promise<void> {
  const { method = 'GET', headers, url = '/' } = incoming;
  if (fate === 'unheard') return answerFault(outgoing);
  if (fate === 'throttled') return answerThrottle(outgoing);
  if (fate === 'denied') return answerRefusal(outgoing);
  if (fate === 'page')
    return void outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<p>Terms</p>');
  const asked = httpRequest(new URL(url, engineUrl), { method, headers });
  asked.end(await buffer(incoming));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const whole = list.as(`${method} ${url}`, await buffer(answer));
  const body = fate === 'halved' ? whole.subarray(0, whole.length / 2) : whole;
  if (fate === 'reset') outgoing.destroy();
  else if (fate === 'fault') answerFault(outgoing);
  else {
    const { 'transfer-encoding': _, ...rest } = answer.headers;
    outgoing.writeHead(answer.statusCode ?? 500, { ...rest, 'content-length': body.length });
    if (fate === 'stalls') outgoing.write(body.subarray(0, body.length / 2));
    else outgoing.end(body);
  }
}

const answerFault = (outgoing: ServerResponse): void =>
  void outgoing
    .writeHead(500, { 'x-amzn-errortype': 'ServiceFailureException' })
    .end('{"message":"a fault"}');

const answerThrottle = (outgoing: ServerResponse): void =>
  void outgoing
    .writeHead(400, { 'x-amzn-errortype': 'ThrottlingException' })
    .end('{"message":"Rate exceeded"}');

const answerRefusal = (outgoing: ServerResponse): void =>
  void outgoing
    .writeHead(403, { 'x-amzn-errortype': 'AccessDeniedException' })
    .end('{"message":"not authorized to do this"}');
