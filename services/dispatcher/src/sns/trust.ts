/** Whom a message is believed: the certificate of the topic's own region, fetched once and from nowhere else. */
import { verify, X509Certificate } from 'node:crypto';
import { get } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import { RecentMap } from '@setlist/runtime';
import { digestOf, type SnsConfirmation, type SnsMessage, signedText, snsHost } from './message.ts';

/** What is trusted. Given by code alone, so that no setting can ever widen it; tests bring a server of their own. */
export interface SnsTrust {
  /** Host (and port, where it isn't 443) of the SNS that a topic belongs to. */
  hostOf(topicArn: string): string | undefined;
  /** The authority for that host's TLS; the system's own where not given. */
  readonly ca?: string;
}

export const AMAZON: SnsTrust = { hostOf: snsHost };

const FETCH_TIMEOUT_MS = 5_000;
const LARGEST_REPLY_BYTES = 65_536;
/** Certificates of one region change every few months. */
const REMEMBERED = 16;
/** SNS waits longer before it sends again. https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html */
const REST_MS = 10_000;
const APART_MS = 1_000;
/** More than can fail while one rests. */
const RESTING = 64;

/** Whether an address is one of the topic's own SNS: its exact host, by HTTPS, and nobody's name before it. */
export function isOfSns(address: string, topicArn: string, { hostOf }: SnsTrust): boolean {
  const { protocol, host, username, password } = new URL(address);
  return protocol === 'https:' && host === hostOf(topicArn) && username === '' && password === '';
}

/**
 * Where SNS keeps what it signs with. The same host answers its API as well, whose answers can hold what anybody with an
 * account put there, a certificate of their own, say: only a file of this name is one of SNS.
 */
const CERTIFICATE_PATH = /^\/SimpleNotificationService-[0-9a-f]+\.pem$/;

export function isSigningCertificate(address: string, topicArn: string, trust: SnsTrust): boolean {
  const { pathname, search, hash } = new URL(address);
  return isOfSns(address, topicArn, trust) && CERTIFICATE_PATH.test(pathname) && search === '' && hash === '';
}

/** Whether an address does nothing but confirm what the message asks to have confirmed. */
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

/** Gets a page of the topic's own SNS. Throws where the address is another's, or the answer not 200. */
export async function fetchFromSns(address: string, topicArn: string, trust: SnsTrust): Promise<string> {
  const url = new URL(address);
  if (!isOfSns(address, topicArn, trust)) throw new Error(`${url.origin} is not the SNS of ${topicArn}`);
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = get(url, { signal, agent: false, ...(trust.ca === undefined ? {} : { ca: trust.ca }) });
  request.on('error', reject);
  request.on('response', (response) => {
    // No redirect is followed: it would lead to a host that nobody looked at.
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
 * Anybody may post a message with the address of a certificate that isn't there. One is fetched at a time, one in a second,
 * and one that could not be fetched not again for a while: SNS sends again what is answered so, and tasks are polled all the same.
 */
export class SigningKeys {
  readonly #trust: SnsTrust;
  readonly #certificates = new RecentMap<string, X509Certificate>(REMEMBERED);
  #fetching: { readonly name: string; readonly certificate: Promise<X509Certificate> } | undefined;
  /** When the next may be asked for. */
  #nextAt = 0;
  /** By name, when those that could not be fetched may be asked for again. */
  readonly #restUntil = new RecentMap<string, number>(RESTING);

  constructor(trust: SnsTrust) {
    this.#trust = trust;
  }

  /** Whether the topic's own SNS signed the message. Throws where its certificate can't be had, or not now. */
  async signed(message: SnsMessage, now: number): Promise<boolean> {
    const { publicKey } = await this.#certificateOf(message, now);
    const text = Buffer.from(signedText(message));
    return verify(digestOf(message), text, publicKey, Buffer.from(message.Signature, 'base64'));
  }

  async #certificateOf(message: SnsMessage, now: number): Promise<X509Certificate> {
    const { SigningCertURL: address, TopicArn: topic } = message;
    if (!isSigningCertificate(address, topic, this.#trust))
      throw new Error(`${address} is no certificate of SNS`);
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
