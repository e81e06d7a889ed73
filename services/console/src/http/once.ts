/**
 * Writes that are asked for twice take effect once: a caller gives each an `Idempotency-Key`, and what was answered is
 * kept with it on the broker, where every replica and every later start finds it.
 *
 * A key is taken before anything happens, and is free again where the write was refused. Who dies in between leaves it for
 * {@link LEASE_MS}; whoever asks again after that repeats the write as of the same moment, under which the same write
 * has the same ids.
 */
import { hash } from 'node:crypto';
import { requestKey } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUpload } from '../set-files/upload.ts';
import { HttpProblem } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Present where the caller gave the write a key. */
    once?: TakenKey;
  }
}

export interface TakenKey {
  /** Tells the write from all others. */
  readonly id: string;
  /** When it was asked for first, in ms since 1970. */
  readonly at: number;
  readonly revision: number;
  readonly fingerprint: string;
}

interface Kept {
  /** Of what was asked for. */
  readonly fingerprint: string;
  readonly at: number;
  /** Until when whoever has taken it is believed to be at work. */
  readonly until: number;
  readonly answer?: Answer;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly location?: string;
  readonly body: string;
}

/** Longer than any write takes. */
const LEASE_MS = 60_000;
/** What a key may be: as the draft of the header writes it, in quotes, or bare. */
const KEY = /^"?([\x21\x23-\x7e]{1,255})"?$/;

export class OnceOnly {
  readonly #log: Pick<EventLog, 'requests' | 'clock'>;

  constructor(log: Pick<EventLog, 'requests' | 'clock'>) {
    this.#log = log;
  }

  /** Answers at once where the write has been done; throws an {@link HttpProblem} where the key can't be used. */
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

  /** Keeps what was answered; where the write took no effect, its key is free again. */
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
      // The write stands, or didn't happen: its key is merely held until its lease runs out.
      log.warn({ err: error }, 'the answer to a write could not be kept with its key');
    }
  }

  /** What failed half way may have taken effect: a repeat goes on as of the same moment, at once. */
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
    detail: 'the Idempotency-Key is none: it has 1 to 255 printable ASCII characters without spaces',
    remedy: 'Give each write a key of its own, such as a UUID.',
  });

const otherRequest = (): HttpProblem =>
  new HttpProblem(422, {
    code: 'idempotency-key-reused',
    detail: 'this Idempotency-Key was given to another request before',
    remedy: 'Give each write a key of its own; repeat one only with the same request.',
  });

const underWay = (): HttpProblem =>
  new HttpProblem(409, {
    code: 'request-under-way',
    detail: 'the request with this Idempotency-Key is being dealt with',
    remedy: 'Ask again in a moment: its answer will be given then.',
    headers: { 'retry-after': '1' },
  });
