/** Posts JSON to an address from the settings: only to allowed targets, within a time limit, without redirects. */
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { checkedLookup, type Resolve, requireAllowed, type TargetPolicy } from './target-policy.ts';

export interface PostOptions extends TargetPolicy {
  /** The time limit from the name look-up to the end of the reply, in ms. */
  readonly timeoutMs: number;
  /** How names are resolved; by the system unless given. */
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
  /** At most the first 2,000 characters, as received before the time limit. */
  readonly text: string;
}

/** The most bytes of a reply that are read; replies to notifications are shorter. */
const MOST_REPLY_BYTES = 16_384;
const MOST_REPLY_CHARACTERS = 2_000;

/**
 * Posts once, over its own connection, and follows no redirect. The status alone is the answer: once it has arrived, it
 * counts, however slow or long the rest of the reply is.
 *
 * @throws TargetNotAllowed before anything is sent; the system's error if there is no reply
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
    // The handler stays, so that an error after the answer, such as a connection cut early, does not crash the process.
    sent.on('error', reject);
    sent.once('response', resolve);
    sent.end(body);
  });

/** The start of the reply; one that breaks off is fine, since its status has arrived. */
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
    // The text received so far only serves as an explanation.
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, MOST_REPLY_CHARACTERS);
}
