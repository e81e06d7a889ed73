/**
 * A proxy before S3, SNS and SQS that acts as IAM: the key id that signed a request identifies the caller, who may do
 * what the policy of that name allows, and is refused anything else.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { deedsOf, listing } from './deeds.ts';
import type { Deed, Policies } from './policies.ts';

/** The caller, in the header that signs a request or in a presigned address. */
const CALLER = /Credential=(\w+)(?:\/|%2F)/;
const DENIED =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';

export interface Gate extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** The refusals: who, what, and on which resource. */
  readonly refused: readonly string[];
  /** A service's actions, each with the name of the statement that allowed it. */
  done(service: string): ReadonlySet<string>;
}

/**
 * Starts it on a free port of 127.0.0.1, before a server that does not authenticate.
 *
 * @param standsFor whose rights others use: the local engine writes tasks' audio with the dispatcher's, as Polly does
 */
export async function startGate(
  target: string,
  policies: Policies,
  standsFor: Readonly<Record<string, string>>,
): Promise<Gate> {
  const refused: string[] = [];
  const done = new Map<string, Set<string>>();
  const isAllowed = (incoming: IncomingMessage, deeds: readonly Deed[]): boolean => {
    const signed = CALLER.exec(incoming.headers.authorization ?? incoming.url ?? '')?.[1] ?? 'nobody';
    const caller = standsFor[signed] ?? signed;
    const used = done.get(caller) ?? new Set();
    done.set(caller, used);
    for (const deed of deeds) {
      const statement = policies.allowing(caller, deed);
      if (statement === undefined) refused.push(`${caller}: ${deed.action} ${deed.resource}`);
      if (statement === undefined) return false;
      used.add(`${statement} ${deed.action}`);
    }
    return true;
  };
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await buffer(incoming);
    const deny = (): void => void outgoing.writeHead(403, { 'content-type': 'application/xml' }).end(DENIED);
    if (!isAllowed(incoming, deedsOf(incoming, body.toString()))) return deny();
    const answer = await passedOn(target, incoming, body);
    // S3 does not report missing objects to callers that may not list the bucket.
    if (answer.statusCode === 404 && !isAllowed(incoming, listing(incoming))) return deny();
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    await pipeline(answer, outgoing);
  };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gate has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    refused,
    done: (service) => done.get(service) ?? new Set(),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function passedOn(target: string, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  const { method, headers, url = '/' } = incoming;
  const onward = request(new URL(url, target), { method, headers });
  onward.end(body);
  const [answer] = (await once(onward, 'response')) as [IncomingMessage];
  return answer;
}
