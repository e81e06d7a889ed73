/** Authenticates and authorizes every request: each route names the scope it needs. */
import type { SetSummary } from '@setlist/contracts';
import { networks } from '@setlist/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Caller, localCaller, type Scope } from '../access/caller.ts';
import { KeysUnavailable, TokenRefused, tokenVerifier } from '../access/verify-token.ts';
import type { ConsoleSettings } from '../config.ts';
import { refusalFor } from '../domain/set-file-problem.ts';
import type { SetsMirror } from '../watch/sets-mirror.ts';
import { HttpProblem, notFound } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request; set before any route runs that is not `public`. */
    caller: Caller;
  }
  interface FastifyContextConfig {
    /** The scope a caller needs; `public` is for routes without secrets, or whose links carry their own proof. */
    readonly scope?: Scope | 'public';
  }
}

/** Authenticates a request; throws an {@link HttpProblem} if the caller is unknown or lacks the route's scope. */
export function guard(settings: ConsoleSettings): (request: FastifyRequest) => Promise<void> {
  const verify = verifierOf(settings);
  return async (request) => {
    const { scope = 'read' } = request.routeOptions.config;
    if (scope === 'public') return;
    request.caller = await verify(request.headers.authorization);
    if (!request.caller.scopes.has(scope)) throw lacking(scope);
  };
}

function verifierOf(settings: ConsoleSettings): (authorization: string | undefined) => Promise<Caller> {
  const { AUTH_JWKS_URL: jwksUrl, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = settings;
  if (jwksUrl === undefined || issuer === undefined || audience === undefined) return async () => localCaller;
  const verify = tokenVerifier({
    jwksUrl,
    issuer,
    audience,
    algorithms: settings.AUTH_ALGORITHMS,
    clockSkewMs: settings.AUTH_CLOCK_SKEW,
    setsClaim: settings.AUTH_SETS_CLAIM,
  });
  return async (authorization) => {
    const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) throw unauthorized('the request has no bearer token');
    try {
      return await verify(token);
    } catch (error) {
      if (error instanceof TokenRefused) throw unauthorized(`the token was refused: ${error.message}`, error);
      if (error instanceof KeysUnavailable) throw noKeys(error);
      throw error;
    }
  };
}

/** Throws an {@link HttpProblem} if audio, in any form, is not allowed to go to the client's address. */
export function audioGuard({ AUDIO_NETWORKS: only }: ConsoleSettings): (request: FastifyRequest) => void {
  const isAllowed = only === undefined ? () => true : networks(only);
  return ({ ip }) => {
    if (!isAllowed(ip)) throw audioElsewhere();
  };
}

/** Makes every route that is added after this public: the files of the page and of the reference. */
export function openToAll(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, scope: 'public' };
  });
}

/** A set that the caller can see, without what they can't see; any other set doesn't exist for them. */
export function setFor(caller: Caller, mirror: SetsMirror, setId: string): SetSummary {
  const summary = mirror.get(setId);
  if (summary === undefined || !caller.maySee(summary.set.name)) throw notFound(`set ${setId}`);
  return refusalFor(caller, summary);
}

const unauthorized = (detail: string, cause?: Error): HttpProblem =>
  new HttpProblem(
    401,
    {
      code: 'unauthorized',
      detail,
      remedy: 'Send `Authorization: Bearer …` with a fresh token from the issuer that this console trusts.',
      headers: { 'www-authenticate': 'Bearer realm="setlist"' },
    },
    { cause },
  );

const lacking = (scope: Scope): HttpProblem =>
  new HttpProblem(403, {
    code: 'scope-missing',
    detail: `this needs the scope ${scope}, which the token does not have`,
    remedy: `Ask whoever issues your tokens for the scope ${scope}.`,
    headers: { 'www-authenticate': `Bearer realm="setlist", error="insufficient_scope", scope="${scope}"` },
  });

const audioElsewhere = (): HttpProblem =>
  new HttpProblem(403, {
    code: 'network-refused',
    detail: 'audio can’t be fetched from this address',
    remedy: 'Fetch it from a network listed in AUDIO_NETWORKS, or ask the operator to add yours.',
  });

const noKeys = (cause: Error): HttpProblem =>
  new HttpProblem(
    503,
    {
      code: 'keys-unavailable',
      detail: 'the keys that verify tokens can’t be fetched from their issuer',
      remedy: 'Try again in a moment; if it lasts, check that the console can reach AUTH_JWKS_URL.',
      headers: { 'retry-after': '5' },
    },
    { cause },
  );
