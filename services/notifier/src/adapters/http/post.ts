/** Posts JSON to an address that someone wrote into settings: only where it may go, not for long, and no further. */
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { checkedLookup, type Resolve, requireAllowed, type TargetPolicy } from './target-policy.ts';

export interface PostOptions extends TargetPolicy {
  /** From the look-up of the name to the end of the reply, in ms. */
  readonly timeoutMs: number;
  /** How names are resolved; the system's way unless given. */
  readonly resolve?: Resolve;
}

export interface Post {
  readonly url: URL;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  /** As the other side sent it: seconds or a date. */
  readonly retryAfter: string | undefined;
  /** The first 2,000 characters at most; whatever came before the time was over. */
  readonly text: string;
}

/** Nobody answers a notification with more; the rest is not read. */
const MOST_REPLY_BYTES = 16_384;
const MOST_REPLY_CHARACTERS = 2_000;

/**
 * Posts once, over a connection of its own, and follows no redirect: its status is the answer. Once the status is
 * there it counts, however slow or long the rest of the reply is.
 *
 * @throws TargetNotAllowed before anything is sent; the system's error where there is no reply
 */
export async function postJson({ url, body, headers = {} }: Post, options: PostOptions): Promise<Reply> {
  requireAllowed(url, options);
  const signal = AbortSignal.timeout(options.timeoutMs);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const sent = request(url, {
    method: 'POST',
    agent: false,
    lookup: checkedLookup(options, options.resolve),
    signal,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'setlist-notifier',
      ...headers,
    },
  });
  try {
    const reply = await responseTo(sent, body);
    const text = await startOf(reply);
    return { status: reply.statusCode ?? 0, retryAfter: reply.headers['retry-after'], text };
  } catch (error) {
    throw signal.aborted ? new Error(`no answer within ${options.timeoutMs} ms`, { cause: error }) : error;
  } finally {
    sent.destroy();
  }
}

const responseTo = (sent: ClientRequest, body: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    // It stays, so that an error after the answer, as of a connection cut early, is nobody's crash.
    sent.on('error', reject);
    sent.once('response', resolve);
    sent.end(body);
  });

/** As much of the reply as is wanted; a reply that breaks off has said enough by its status. */
async function startOf(reply: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of reply as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MOST_REPLY_BYTES) break;
    }
  } catch {
    // What came so far is only read for an explanation.
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, MOST_REPLY_CHARACTERS);
}
