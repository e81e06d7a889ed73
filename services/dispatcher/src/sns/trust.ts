/** Verifies messages of SNS with the certificate of the topic's own region, fetched once and from nowhere else. */
import { verify, X509Certificate } from 'node:crypto';
import { Agent, get } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import { outboundProxy, RecentMap } from '@setlist/runtime';
import { digestOf, type SnsConfirmation, type SnsMessage, signedText, snsHost } from './message.ts';

/** Which hosts are trusted. Set only in code, so that no setting can ever widen it; tests use their own server. */
export interface SnsTrust {
  /** The host (and port, if it isn't 443) of the SNS that a topic belongs to. */
  hostOf(topicArn: string): string | undefined;
  /** The certificate authority for that host's TLS, in PEM; the system's own if missing. */
  readonly ca?: string;
}

export const AMAZON: SnsTrust = { hostOf: snsHost };

const FETCH_TIMEOUT_MS = 5_000;
const LARGEST_REPLY_BYTES = 65_536;
/** How many certificates are cached: a region's certificate changes every few months. */
const REMEMBERED = 16;
/**
 * How long to wait before fetching a certificate again that could not be fetched; SNS waits longer before it retries.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
const REST_MS = 10_000;
const APART_MS = 1_000;
/** How many failed certificates are remembered: more than can fail within {@link REST_MS}. */
const RESTING = 64;

/** Whether an address belongs to the topic's own SNS: HTTPS, the exact host, and no user name or password. */
export function isOfSns(address: string, topicArn: string, { hostOf }: SnsTrust): boolean {
  const { protocol, host, username, password } = new URL(address);
  return protocol === 'https:' && host === hostOf(topicArn) && username === '' && password === '';
}

/**
 * The path of SNS's signing certificates. The same host serves SNS's API, whose answers can contain anything that an
 * account's owner put there, for example another certificate: only a file of this name is SNS's own.
 */
const CERTIFICATE_PATH = /^\/SimpleNotificationService-[0-9a-f]+\.pem$/;

export function isSigningCertificate(address: string, topicArn: string, trust: SnsTrust): boolean {
  const { pathname, search, hash } = new URL(address);
  return isOfSns(address, topicArn, trust) && CERTIFICATE_PATH.test(pathname) && search === '' && hash === '';
}

/** Whether an address only confirms the subscription that the message is about. */
export function isConfirmation(
  { SubscribeURL: address, TopicArn: topic, Token: token }: SnsConfirmation,
  trust: SnsTrust,
): boolean {
  const { pathname, searchParams, hash } = new URL(address);
  const asked = [...searchParams].sort(([a], [b]) => (a < b ? -1 : 1));
  const confirming = [
    ['Action', 'ConfirmSubscription'],
    ['Token', token],
    ['TopicArn', topic],
  ];
  const isRight = pathname === '/' && hash === '' && isDeepStrictEqual(asked, confirming);
  return isRight && isOfSns(address, topic, trust);
}

/** Fetches a page of the topic's own SNS. @throws if the address is another host's, or the status isn't 200 */
export async function fetchFromSns(address: string, topicArn: string, trust: SnsTrust): Promise<string> {
  const url = new URL(address);
  if (!isOfSns(address, topicArn, trust)) throw new Error(`${url.origin} is not the SNS of ${topicArn}`);
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const agent = new Agent(outboundProxy());
  const request = get(url, { signal, agent, ...(trust.ca === undefined ? {} : { ca: trust.ca }) });
  request.on('error', reject);
  // Node reports no error for a request that is aborted while its proxy still says nothing.
  signal.addEventListener('abort', () => reject(signal.reason));
  request.on('response', (response) => {
    // No redirect is followed: it would lead to an unchecked host.
    if (response.statusCode !== 200) {
      response.destroy();
      reject(new Error(`${url.origin} answered ${response.statusCode}`));
      return;
    }
    const pieces: Buffer[] = [];
    let bytes = 0;
    response.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > LARGEST_REPLY_BYTES) response.destroy(new Error(`${url.origin} answered too much`));
      else pieces.push(piece);
    });
    response.on('error', reject);
    response.on('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
  });
  return promise;
}

/**
 * The certificates that messages are signed with. Anyone can post a message with the address of a missing certificate.
 * So only one is fetched at a time, one per second, and a failed one not again for a while: SNS redelivers a message
 * that is refused for this, and tasks are polled anyway.
 */
export class SigningKeys {
  readonly #trust: SnsTrust;
  readonly #certificates = new RecentMap<string, X509Certificate>(REMEMBERED);
  #fetching: { readonly name: string; readonly certificate: Promise<X509Certificate> } | undefined;
  /** When the next certificate can be fetched. */
  #nextAt = 0;
  /** By name, when a certificate that could not be fetched can be tried again. */
  readonly #restUntil = new RecentMap<string, number>(RESTING);

  constructor(trust: SnsTrust) {
    this.#trust = trust;
  }

  /**
   * Whether the topic's own SNS signed the message. {@link isSigningCertificate} must have said yes.
   * @throws if the certificate can't be fetched, or not now
   */
  async signed(message: SnsMessage, now: number): Promise<boolean> {
    const { publicKey } = await this.#certificateOf(message, now);
    const text = Buffer.from(signedText(message));
    return verify(digestOf(message), text, publicKey, Buffer.from(message.Signature, 'base64'));
  }

  async #certificateOf(message: SnsMessage, now: number): Promise<X509Certificate> {
    const { SigningCertURL: address, TopicArn: topic } = message;
    const name = `${topic} ${address}`;
    const known = this.#certificates.get(name);
    if (known) return valid(known, now);
    if (this.#fetching?.name === name) return this.#fetching.certificate;
    if (this.#fetching || now < Math.max(this.#nextAt, this.#restUntil.get(name) ?? 0))
      throw new Error('certificate fetches are paused');
    const certificate = this.#fetch(message, now);
    this.#fetching = { name, certificate };
    this.#nextAt = now + APART_MS;
    try {
      const fetched = await certificate;
      this.#certificates.set(name, fetched);
      return fetched;
    } catch (error) {
      this.#restUntil.set(name, now + REST_MS);
      throw error;
    } finally {
      this.#fetching = undefined;
    }
  }

  async #fetch(
    { SigningCertURL: address, TopicArn: topic }: SnsMessage,
    now: number,
  ): Promise<X509Certificate> {
    return valid(new X509Certificate(await fetchFromSns(address, topic, this.#trust)), now);
  }
}

function valid(certificate: X509Certificate, now: number): X509Certificate {
  const { validFromDate, validToDate } = certificate;
  if (now >= validFromDate.getTime() && now <= validToDate.getTime()) return certificate;
  throw new Error(`the certificate of ${certificate.subject} is not valid now`);
}
