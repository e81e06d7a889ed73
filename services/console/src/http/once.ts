/**
 * Makes retried writes take effect once: a caller gives each write an `Idempotency-Key`, and its answer is kept under
 * that key on the broker, where every replica finds it, also after a restart.
 *
 * A key is leased before anything happens, and released if the write is refused. A console that dies in between leaves
 * the lease to expire after {@link LEASE_MS}; a retry then repeats the write with the first request's time, from which
 * the same ids follow.
 */
import { hash } from 'node:crypto';
import { requestKey } from '@setlist/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUpload } from '../set-files/upload.ts';
import type { AnsweredLog } from './answered-log.ts';
import { HttpProblem } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Present if the caller gave the write a key. */
    once?: TakenKey;
  }
}

export interface TakenKey {
  /** Identifies the write: the hash of caller and key. */
  readonly id: string;
  /** When the write was first requested, in ms since 1970. */
  readonly at: number;
  readonly revision: number;
  readonly fingerprint: string;
}

interface Kept {
  /** Hash of the request. */
  readonly fingerprint: string;
  readonly at: number;
  /** When the lease on the key expires, in ms since 1970. */
  readonly until: number;
  readonly answer?: Answer;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly location?: string;
  readonly body: string;
}

/** How long a key is leased, in ms: longer than any write takes. */
const LEASE_MS = 60_000;
/** A key: quoted, as the header's draft standard has it, or bare. */
const KEY = /^"?([\x21\x23-\x7e]{1,255})"?$/;

export class OnceOnly {
  readonly #log: Pick<AnsweredLog, 'requests' | 'clock'>;

  constructor(log: Pick<AnsweredLog, 'requests' | 'clock'>) {
    this.#log = log;
  }

  /** Replays the answer if the write has been done; throws an {@link HttpProblem} if the key can't be used. */
  async before(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const given = request.headers['idempotency-key'];
    if (given === undefined || request.routeOptions.config.scope !== 'operate') return undefined;
    const [, key] = KEY.exec(String(given)) ?? [];
    if (key === undefined) throw unusableKey();
    const id = hash('sha256', `${request.caller.name}\n${key}`);
    const fingerprint = fingerprintOf(request);
    const { requests, clock } = this.#log;
    const now = clock.now();
    const known = await requests.get<Kept>(requestKey(id));
    if (known && known.value.fingerprint !== fingerprint) throw otherRequest();
    if (known?.value.answer) return replay(reply, known.value.answer);
    if (known && known.value.until > now) throw underWay();
    const at = known?.value.at ?? now;
    const taken: Kept = { fingerprint, at, until: now + LEASE_MS };
    const revision = await requests.replace(requestKey(id), taken, known?.revision ?? 0);
    if (revision === undefined) throw underWay();
    request.once = { id, at, revision, fingerprint };
    return undefined;
  }

  /** Stores the answer; if the write had no effect, releases its key instead. */
  async after({ once, log }: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
    if (once === undefined) return;
    const { requests, clock } = this.#log;
    const { id, at, revision, fingerprint } = once;
    const { statusCode } = reply;
    try {
      if (statusCode >= 500) return void (await this.#leaveOpen(once));
      if (statusCode >= 300 || typeof payload !== 'string') return await requests.delete(requestKey(id));
      const location = reply.getHeader('location');
      const answer: Answer = {
        status: statusCode,
        type: String(reply.getHeader('content-type')),
        body: payload,
        ...(location === undefined ? {} : { location: String(location) }),
      };
      const kept: Kept = { fingerprint, at, until: clock.now(), answer };
      await requests.replace(requestKey(id), kept, revision);
    } catch (error) {
      // The outcome of the write stays as it is; only its key remains leased until the lease expires.
      log.warn({ err: error }, 'the answer to a write could not be stored under its idempotency key');
    }
  }

  /** A write that failed halfway may have had an effect: a retry can repeat it at once, with the same time. */
  #leaveOpen({ id, at, revision, fingerprint }: TakenKey): Promise<number | undefined> {
    const { requests, clock } = this.#log;
    const kept: Kept = { fingerprint, at, until: clock.now() };
    return requests.replace(requestKey(id), kept, revision);
  }
}

function replay(reply: FastifyReply, { status, type, body, location }: Answer): FastifyReply {
  if (location !== undefined) reply.header('location', location);
  return reply
    .code(status)
    .type(type)
    .header('idempotency-replayed', 'true')
    .serializer((text: string) => text)
    .send(body);
}

function fingerprintOf({ method, url, body }: FastifyRequest): string {
  const said = isUpload(body) ? body.sha256 : JSON.stringify(body ?? null);
  return hash('sha256', `${method} ${url}\n${said}`);
}

const unusableKey = (): HttpProblem =>
  new HttpProblem(400, {
    code: 'invalid-idempotency-key',
    detail:
      'the Idempotency-Key is invalid: it must have 1 to 255 printable ASCII characters, without spaces or double quotes',
    remedy: 'Give each write a key of its own, such as a UUID.',
  });

const otherRequest = (): HttpProblem =>
  new HttpProblem(422, {
    code: 'idempotency-key-reused',
    detail: 'this Idempotency-Key was used for a different request',
    remedy: 'Give each write a key of its own; repeat one only with the same request.',
  });

const underWay = (): HttpProblem =>
  new HttpProblem(409, {
    code: 'request-under-way',
    detail: 'the request with this Idempotency-Key is still in progress',
    remedy: 'Ask again in a moment to get its answer.',
    headers: { 'retry-after': '1' },
  });
