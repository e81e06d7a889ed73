/** Who asks, on every request, and whether they may: routes say which scope they need. */
import type { SetSummary } from '@setlist/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Caller, localCaller, type Scope } from '../access/caller.ts';
import { networks } from '../access/networks.ts';
import { KeysUnavailable, TokenRefused, tokenVerifier } from '../access/verify-token.ts';
import type { ConsoleSettings } from '../config.ts';
import { refusalFor } from '../domain/set-file-problem.ts';
import type { SetsMirror } from '../watch/sets-mirror.ts';
import { HttpProblem, notFound } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; known before any route runs that is not `public`. */
    caller: Caller;
  }
  interface FastifyContextConfig {
    /** What a caller must be allowed; `public` is for what holds no secrets, or carries its own proof. */
    readonly scope?: Scope | 'public';
  }
}

/** Finds out who asks, and throws an {@link HttpProblem} where that is unknown or not enough. */
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
    if (token === undefined) throw unauthorized('there is no bearer token in this request');
    try {
      return await verify(token);
    } catch (error) {
      if (error instanceof TokenRefused) throw unauthorized(`the token is refused: ${error.message}`, error);
      if (error instanceof KeysUnavailable) throw noKeys(error);
      throw error;
    }
  };
}

/** Throws an {@link HttpProblem} where audio may not go to the address that asks, in whatever form it asks for it. */
export function audioGuard({ AUDIO_NETWORKS: only }: ConsoleSettings): (request: FastifyRequest) => void {
  const isAllowed = only === undefined ? () => true : networks(only);
  return ({ ip }) => {
    if (!isAllowed(ip)) throw audioElsewhere();
  };
}

/** Lets everybody at the routes that are added from here on: files of the page and of the reference. */
export function openToAll(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, scope: 'public' };
  });
}

/** A set that the caller may see, as they may know it; anything else does not exist for them. */
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
      remedy: 'Send `Authorization: Bearer …` with a fresh token of the issuer that this console believes.',
      headers: { 'www-authenticate': 'Bearer realm="setlist"' },
    },
    { cause },
  );

const lacking = (scope: Scope): HttpProblem =>
  new HttpProblem(403, {
    code: 'scope-missing',
    detail: `this needs the scope ${scope}, which the token does not have`,
    remedy: `Ask whoever gives out tokens for the scope ${scope}.`,
    headers: { 'www-authenticate': `Bearer realm="setlist", error="insufficient_scope", scope="${scope}"` },
  });

const audioElsewhere = (): HttpProblem =>
  new HttpProblem(403, {
    code: 'network-refused',
    detail: 'audio may not be fetched from this address',
    remedy: 'Fetch it from a network that AUDIO_NETWORKS names, or have the operator add yours.',
  });

const noKeys = (cause: Error): HttpProblem =>
  new HttpProblem(
    503,
    {
      code: 'keys-unavailable',
      detail: 'the keys by which tokens are checked can’t be fetched from their issuer',
      remedy:
        'Try again in a moment; where it lasts, see that AUTH_JWKS_URL can be reached from the console.',
      headers: { 'retry-after': '5' },
    },
    { cause },
  );
