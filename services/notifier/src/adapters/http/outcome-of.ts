/** The outcome of a reply, or of a missing one: one table for every channel that posts over HTTP. */
import type { Reason } from '@setlist/contracts';
import { messageOf, redactUrl, tlsRemedy } from '@setlist/runtime';
import type { Outcome } from '../../domain/channel.ts';
import { clip, harmless } from '../../domain/messages/wording.ts';
import { withoutAddresses } from '../mail.ts';
import type { Reply } from './post.ts';
import { TargetNotAllowed } from './target-policy.ts';
import { type Secrets, withoutSecrets } from './without-secrets.ts';

/** The longest Retry-After that is respected, in ms. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

const REMEDIES = {
  redirected: 'Redirects are not followed. Give the channel the address that it leads to.',
  refused: 'Check that the address in CHANNELS_FILE is right and still accepted by the other side.',
  gone: 'Remove the channel from CHANNELS_FILE, or correct its address: the other side wants no more messages there.',
  shut: 'Check that the address in CHANNELS_FILE is right and still accepted by the other side; the message is retried automatically.',
  busy: 'The message is retried automatically. If this happens often, lower the channel’s rate or its notices.',
  failing: 'The message is retried automatically; if it keeps failing, ask the operator of the other side.',
  unreachable:
    'Check that the other side runs and that its address in CHANNELS_FILE is right; the message is retried automatically.',
  secure:
    'Check that the other side speaks https:// at its address in CHANNELS_FILE, and that its certificate is for this name and valid today; the message is retried automatically.',
  notAllowed: 'Correct the address, or allow its network in WEBHOOK_NETWORKS (http:// by WEBHOOK_HTTP).',
} as const;

/** Where the message was posted. A chat's 400 means that it can't read the message; a webhook's can mean anything. */
export interface Asked extends Secrets {
  readonly kind: 'chat' | 'webhook';
}

/** Statuses that stay the same until someone changes this side. */
const FINAL: Readonly<Record<Asked['kind'], ReadonlySet<number>>> = {
  chat: new Set([400, 410, 413]),
  webhook: new Set([410, 413]),
};
/** Statuses of an other side that accepts nothing now: it is busy, down, missing, or does not authorize the channel. */
const DOWN: ReadonlySet<number> = new Set([401, 403, 404, 429, 502, 503, 504]);

/**
 * - 2xx: sent;
 * - 3xx and {@link FINAL}: refused for good;
 * - {@link DOWN}: the channel rests, and works again once someone fixes a secret, a proxy or an address;
 * - anything else can concern this message alone: later.
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
    return {
      kind: 'refused',
      reason: reason('The other side redirects to another address', REMEDIES.redirected),
    };
  }
  if (FINAL[asked.kind].has(status)) {
    const remedy = status === 410 ? REMEDIES.gone : REMEDIES.refused;
    return { kind: 'refused', reason: reason('The other side refused it', remedy) };
  }
  const wait = retryAfter(reply, now);
  if (DOWN.has(status)) {
    const isBusy = status === 429 || status >= 500;
    const down = isBusy
      ? reason('The other side accepts no more messages now', REMEDIES.busy)
      : reason('The other side does not authorize the channel', REMEDIES.shut);
    return { kind: 'down', reason: down, ...wait };
  }
  return { kind: 'later', reason: reason('The other side did not accept it', REMEDIES.failing), ...wait };
}

/** The outcome without a reply: an address that is not allowed is refused for good; otherwise the channel rests. */
export function outcomeOfFailure(error: unknown, asked: Asked): Outcome {
  const said = explanation(messageOf(error), asked);
  if (error instanceof TargetNotAllowed) {
    return { kind: 'refused', reason: { code: error.code, message: said, remedy: REMEDIES.notAllowed } };
  }
  const code = 'http-unreachable';
  const message = `The other side does not answer: ${said}`;
  const remedy = error instanceof Error && 'code' in error && tlsRemedy(error.code, REMEDIES.secure);
  return { kind: 'down', reason: { code, message, remedy: remedy || REMEDIES.unreachable } };
}

/** Reads `Retry-After`, in seconds or as a date, within bounds. */
function retryAfter({ retryAfter: asked }: Reply, now: Date): { retryAfterMs?: number } {
  if (asked === undefined) return {};
  const ms = /^\d+(\.\d+)?$/.test(asked.trim()) ? Number(asked) * 1_000 : Date.parse(asked) - now.getTime();
  return ms > 0 ? { retryAfterMs: Math.min(Math.ceil(ms), LONGEST_RETRY_AFTER_MS) } : {};
}

/** The reply's text: short, on one line, without addresses, credentials and secrets of the request. */
function explanation(text: string, asked: Asked): string {
  const words = withoutSecrets(harmless(text).replace(/\s+/g, ' ').trim(), asked);
  return clip(redactUrl(withoutAddresses(words)), 200);
}
