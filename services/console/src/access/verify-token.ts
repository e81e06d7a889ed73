/** Bearer tokens: JSON Web Tokens from one issuer, verified with its published keys (RFC 7519, RFC 8725). */
import { COMMANDS } from '@setlist/contracts';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { type Caller, namePatterns, SCOPES, type Scope } from './caller.ts';

export interface TokenTerms {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  readonly clockSkewMs: number;
  /** The claim that holds patterns of set names. */
  readonly setsClaim: string;
}

/** The token was not accepted; `message` says why, without showing the token. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  readonly code = 'token-refused';
}

/** The issuer's keys could not be fetched: until they can be, no caller is let in. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
  readonly code = 'keys-unavailable';
}

/** The shortest time between two fetches of the keys when a token names an unknown key id. */
const COOLDOWN_MS = 30_000;
const FETCH_TIMEOUT_MS = 5_000;

/** The name under which the log records the caller's commands. */
const subject = COMMANDS.pause.shape.who;
const claimOfSets = z.union([z.string().transform((text) => text.split(' ')), z.array(z.string())]);

/**
 * Verifies tokens: signature, pinned algorithm, issuer, audience, expiry and `nbf`.
 * The verifier throws {@link TokenRefused} or {@link KeysUnavailable}.
 */
export function tokenVerifier(terms: TokenTerms): (token: string) => Promise<Caller> {
  const keys = createRemoteJWKSet(new URL(terms.jwksUrl), {
    cooldownDuration: COOLDOWN_MS,
    timeoutDuration: FETCH_TIMEOUT_MS,
  });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: terms.issuer,
        audience: terms.audience,
        algorithms: [...terms.algorithms],
        clockTolerance: terms.clockSkewMs / 1_000,
        requiredClaims: ['exp', 'sub'],
      });
      return callerOf(payload, terms);
    } catch (error) {
      throw translated(error);
    }
  };
}

function callerOf(payload: JWTPayload, { setsClaim, clockSkewMs }: TokenTerms): Caller {
  const patterns = payload[setsClaim] === undefined ? undefined : claimOfSets.safeParse(payload[setsClaim]);
  if (patterns?.success === false) throw new TokenRefused(`its claim ${setsClaim} is not a list of names`);
  const name = subject.safeParse(payload.sub);
  if (!name.success) throw new TokenRefused('its claim sub is not a name of 1 to 200 characters');
  return {
    name: name.data,
    scopes: new Set(scopesIn(payload)),
    ...(payload.exp !== undefined && { until: payload.exp * 1_000 + clockSkewMs }),
    seesAllSets: patterns === undefined,
    maySee: namePatterns(patterns?.data),
  };
}

/** OAuth writes scopes as one string separated by spaces (RFC 9068); some issuers send a list. */
function scopesIn({ scope, scp }: JWTPayload): Scope[] {
  const said = scope ?? scp;
  const words: readonly unknown[] = Array.isArray(said) ? said : String(said ?? '').split(' ');
  return SCOPES.filter((known) => words.includes(known) || words.includes(`setlist:${known}`));
}

function translated(error: unknown): Error {
  if (error instanceof TokenRefused) return error;
  if (error instanceof errors.JWTExpired) return new TokenRefused('it has expired', { cause: error });
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new TokenRefused(`its claim ${error.claim} is missing or wrong`, { cause: error });
  }
  if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) {
    return new KeysUnavailable('the keys of the token issuer can’t be fetched', { cause: error });
  }
  if (error.code === 'ERR_JOSE_GENERIC') {
    return new KeysUnavailable('the keys of the token issuer can’t be fetched', { cause: error });
  }
  return new TokenRefused('it is not validly signed by the issuer with an accepted algorithm', {
    cause: error,
  });
}
