/** What follows from a reply, or from none: one table for every channel that posts to the web. */
import type { Reason } from '@setlist/contracts';
import { messageOf, redactUrl } from '@setlist/runtime';
import type { Outcome } from '../../domain/channel.ts';
import { harmless, shorten } from '../../domain/messages/wording.ts';
import { withoutAddresses } from '../mail.ts';
import type { Reply } from './post.ts';
import { TargetNotAllowed } from './target-policy.ts';
import { type Secrets, withoutSecrets } from './without-secrets.ts';

/** A longer wait than this is not asked for in earnest; by then it is tried again. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

const REMEDIES = {
  redirected: 'Redirects are not followed. Give the channel the address that it leads to.',
  refused: 'See that the address in CHANNELS_FILE is right and still accepted there.',
  shut: 'See that the address in CHANNELS_FILE is right and still accepted there; it is tried again by itself.',
  busy: 'It is tried again by itself. Where it happens often, give the channel a lower rate, or fewer notices.',
  failing: 'It is tried again by itself; if it goes on, ask whoever runs the other side.',
  unreachable:
    'See that the other side runs and that its address in CHANNELS_FILE is right; it is tried again by itself.',
  notAllowed: 'Correct the address, or allow its network in WEBHOOK_NETWORKS (http:// by WEBHOOK_HTTP).',
} as const;

/** Whose answers are read: a chat's 400 says that it can't read the message, a webhook's may be anything. */
export interface Asked extends Secrets {
  readonly kind: 'chat' | 'webhook';
}

/** Not before somebody changes something here would these answers change. */
const FINAL: Readonly<Record<Asked['kind'], ReadonlySet<number>>> = {
  chat: new Set([400, 410, 413]),
  webhook: new Set([410, 413]),
};
/** The other side takes nothing now: it is busy, or nobody is in there, or lets the channel in. */
const DOWN: ReadonlySet<number> = new Set([401, 403, 404, 429, 502, 503, 504]);

/**
 * - 2xx: sent;
 * - 3xx and what is {@link FINAL}: refused for good;
 * - what is {@link DOWN}: the channel rests; it may be let in again once a secret, a proxy or an address is mended;
 * - anything else may be about this one message: later.
 */
export function outcomeOf(reply: Reply, asked: Asked, now: Date): Outcome {
  const { status } = reply;
  if (status >= 200 && status < 300) return { kind: 'sent' };
  const reason = (what: string, remedy: string): Reason => ({
    code: `http-${status}`,
    message: `${what}: ${[`HTTP ${status}`, explanation(reply.text, asked)].filter(Boolean).join(', ')}`,
    remedy,
  });
  if (status >= 300 && status < 400) {
    return { kind: 'refused', reason: reason('The other side sends it elsewhere', REMEDIES.redirected) };
  }
  if (FINAL[asked.kind].has(status)) {
    return { kind: 'refused', reason: reason('The other side refused it', REMEDIES.refused) };
  }
  const wait = retryAfter(reply, now);
  if (DOWN.has(status)) {
    const isBusy = status === 429 || status >= 500;
    const down = isBusy
      ? reason('The other side takes no more messages now', REMEDIES.busy)
      : reason('The other side does not let the channel in', REMEDIES.shut);
    return { kind: 'down', reason: down, ...wait };
  }
  return { kind: 'later', reason: reason('The other side did not take it', REMEDIES.failing), ...wait };
}

/** Of no reply at all: an address that is not allowed is refused for good, anything else lets the channel rest. */
export function outcomeOfFailure(error: unknown, asked: Asked): Outcome {
  const said = explanation(messageOf(error), asked);
  if (error instanceof TargetNotAllowed) {
    return { kind: 'refused', reason: { code: error.code, message: said, remedy: REMEDIES.notAllowed } };
  }
  const code = 'http-unreachable';
  const message = `The other side does not answer: ${said}`;
  return { kind: 'down', reason: { code, message, remedy: REMEDIES.unreachable } };
}

/** `Retry-After` in seconds or as a date, within bounds. */
function retryAfter({ retryAfter: asked }: Reply, now: Date): { retryAfterMs?: number } {
  if (asked === undefined) return {};
  const ms = /^\d+(\.\d+)?$/.test(asked.trim()) ? Number(asked) * 1_000 : Date.parse(asked) - now.getTime();
  return ms > 0 ? { retryAfterMs: Math.min(Math.ceil(ms), LONGEST_RETRY_AFTER_MS) } : {};
}

/** The other side's words, short, on one line, without addresses, credentials and what it was asked by. */
function explanation(text: string, asked: Asked): string {
  const words = withoutSecrets(harmless(text).replace(/\s+/g, ' ').trim(), asked);
  return shorten(redactUrl(withoutAddresses(words)), 200);
}
