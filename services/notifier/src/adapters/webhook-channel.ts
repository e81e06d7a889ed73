/** Signed webhooks, following the Standard Webhooks specification: https://www.standardwebhooks.com */
import { Webhook } from 'standardwebhooks';
import type { Channel } from '../domain/channel.ts';
import { webhookId, webhookPayload } from '../domain/webhook-payload.ts';
import { maskedUrl } from './chat-channel.ts';
import { type Asked, outcomeOf, outcomeOfFailure } from './http/outcome-of.ts';
import { type PostOptions, postJson } from './http/post.ts';

export interface WebhookChannelOptions extends PostOptions {
  readonly name: string;
  readonly url: URL;
  /** `whsec_…`, the newest first. Each one signs, so that the receiver can switch over at any time. */
  readonly secrets: readonly string[];
}

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const BYTES = { least: 24, most: 64 };

/** What is wrong with a secret, without showing it; undefined where it meets the specification. */
export function secretFault(secret: string): string | undefined {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  const bytes = Buffer.from(encoded, 'base64');
  if (!BASE64.test(encoded) || bytes.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, '')) {
    return `is not a webhook secret; one is ${PREFIX} followed by base64`;
  }
  if (bytes.length < BYTES.least || bytes.length > BYTES.most) {
    return `holds ${bytes.length} bytes; a secret has ${BYTES.least} to ${BYTES.most}`;
  }
  return undefined;
}

/** A receiver recognizes a repeat by its `webhook-id`, which derives from the event and the channel. */
export function webhookChannel({ name, url, secrets, ...options }: WebhookChannelOptions): Channel {
  const signers = secrets.map((secret) => new Webhook(secret));
  const asked: Asked = { kind: 'webhook', url, secrets };
  return {
    name,
    recipient: maskedUrl(url),
    async deliver(notice) {
      const body = webhookPayload(notice);
      const id = webhookId(notice.event.id, name);
      const now = new Date();
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': signers.map((signer) => signer.sign(id, now, body)).join(' '),
      };
      try {
        const outcome = outcomeOf(await postJson({ url, body, headers }, options), asked, now);
        return outcome.kind === 'sent' ? { ...outcome, messageId: id } : outcome;
      } catch (error) {
        return outcomeOfFailure(error, asked);
      }
    },
  };
}
