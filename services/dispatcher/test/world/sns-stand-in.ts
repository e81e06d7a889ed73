/** A stand-in for SNS: a topic that accepts notifications, and its own key, certificate and address. */
import { createSign } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, request, type Server } from 'node:http';
import { createServer, request as requestTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type SnsMessage, signedText } from '../../src/sns/message.ts';
import type { SnsTrust } from '../../src/sns/trust.ts';

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/sns-for-tests.${name}`, import.meta.url));
const [cert, key] = [readFileSync(fixture('crt'), 'utf8'), readFileSync(fixture('key'), 'utf8')];
export const TOPIC = 'arn:aws:sns:us-east-1:123456789012:tasks';

/** The path of its certificate. */
export const CERTIFICATE = '/SimpleNotificationService-01d088a6f77103d0fe307c0069e40ed6.pem';

type Message = Record<string, string>;

export interface StandIn extends AsyncDisposable {
  readonly host: string;
  readonly trust: SnsTrust;
  /** The URLs requested from it. */
  readonly seen: string[];
  /** The status that it answers for a URL, if not 200. */
  readonly answers: Map<string, number>;
  /** A signed message; the signature covers the changes. */
  message(changes?: Message, digest?: string): Message;
  confirmation(address: string): Message;
}

export async function startStandIn(): Promise<StandIn> {
  const seen: string[] = [];
  const answers = new Map<string, number>();
  const server = createServer({ cert, key }, (asked, answer) => {
    seen.push(asked.url ?? '');
    answer.writeHead(answers.get(asked.url ?? '') ?? 200).end(cert);
  });
  const host = `localhost:${await listening(server)}`;
  let ids = 0;
  const message = (changes: Message = {}, digest = 'RSA-SHA256'): Message => {
    const unsigned = {
      Type: 'Notification',
      MessageId: `message-${++ids}`,
      TopicArn: TOPIC,
      Message: JSON.stringify({ taskId: 'task-1', taskStatus: 'COMPLETED' }),
      Timestamp: new Date().toISOString(),
      SignatureVersion: digest === 'RSA-SHA1' ? '1' : '2',
      SigningCertURL: `https://${host}${CERTIFICATE}`,
      ...changes,
    };
    const text = signedText(unsigned as unknown as SnsMessage);
    return { ...unsigned, Signature: createSign(digest).update(text).sign(key, 'base64') };
  };
  return {
    host,
    trust: { hostOf: (topic) => (topic === TOPIC ? host : undefined), ca: cert },
    seen,
    answers,
    message,
    confirmation: (address) =>
      message({ Type: 'SubscriptionConfirmation', SubscribeURL: address, Token: 'token' }),
    [Symbol.asyncDispose]: () => closed(server),
  };
}

export interface Topic extends AsyncDisposable {
  /** The endpoint for publishers. */
  readonly url: string;
  readonly published: string[];
}

/** The topic that the engine publishes to: it keeps what is published, for the test to deliver. */
export async function startTopic(): Promise<Topic> {
  const published: string[] = [];
  const server = createPlainServer((asked, answer) => {
    const pieces: Buffer[] = [];
    asked.on('data', (piece: Buffer) => pieces.push(piece));
    asked.on('end', () => {
      published.push(new URLSearchParams(Buffer.concat(pieces).toString()).get('Message') ?? '');
      answer.end(
        '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
      );
    });
  });
  const url = `http://127.0.0.1:${await listening(server)}`;
  return { url, published, [Symbol.asyncDispose]: () => closed(server) };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
  const ended = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await ended;
}

/** Posts a body. @returns the status */
export async function post(port: number, body: string | Buffer, tls = false): Promise<number> {
  const send = tls ? requestTls : request;
  const posting = send({ host: 'localhost', port, method: 'POST', family: 4, ...(tls ? { ca: cert } : {}) });
  const replied = once(posting, 'response');
  // A server that refuses a large body stops reading it.
  posting.on('error', () => undefined);
  posting.end(body);
  const [response] = await replied;
  response.resume();
  return response.statusCode;
}
