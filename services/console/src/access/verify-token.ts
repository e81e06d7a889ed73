/** Bearer tokens: JSON Web Tokens of one issuer, checked by its published keys (RFC 7519, RFC 8725). */
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { type Caller, namePatterns, SCOPES, type Scope } from './caller.ts';

export interface TokenTerms {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  readonly clockSkewMs: number;
  /** Claim that holds patterns of set names. */
  readonly setsClaim: string;
}

/** The token does not say who asks; `message` says why, without showing the token. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  readonly code = 'token-refused';
}

/** The issuer's keys could not be fetched: nobody can be let in until they can. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
  readonly code = 'keys-unavailable';
}

/** Keys are fetched at most this often for key ids that nobody knows. */
const COOLDOWN_MS = 30_000;
const FETCH_TIMEOUT_MS = 5_000;

const claimOfSets = z.union([z.string().transform((text) => text.split(' ')), z.array(z.string())]);

/**
 * Checks tokens: signature by the issuer's key, algorithm one of those pinned, issuer, audience, not expired, not
 * before its time. Throws {@link TokenRefused} or {@link KeysUnavailable}.
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
  if (patterns?.success === false) throw new TokenRefused(`its claim ${setsClaim} is no list of names`);
  return {
    name: payload.sub ?? '',
    scopes: new Set(scopesIn(payload)),
    ...(payload.exp !== undefined && { until: payload.exp * 1_000 + clockSkewMs }),
    seesAllSets: patterns === undefined,
    maySee: namePatterns(patterns?.data),
  };
}

/** As OAuth writes them: one text, separated by spaces (RFC 9068); some issuers give a list. */
function scopesIn({ scope, scp }: JWTPayload): Scope[] {
  const said = scope ?? scp;
  const words: readonly unknown[] = Array.isArray(said) ? said : String(said ?? '').split(' ');
  return SCOPES.filter((known) => words.includes(known) || words.includes(`setlist:${known}`));
}

function translated(error: unknown): Error {
  if (error instanceof TokenRefused) return error;
  if (error instanceof errors.JWTExpired) return new TokenRefused('it has expired', { cause: error });
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new TokenRefused(`its claim ${error.claim} is not as it must be`, { cause: error });
  }
  if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) {
    return new KeysUnavailable('the keys of the token issuer can’t be fetched', { cause: error });
  }
  if (error.code === 'ERR_JOSE_GENERIC') {
    return new KeysUnavailable('the keys of the token issuer can’t be fetched', { cause: error });
  }
  return new TokenRefused('it is not signed by the issuer in a way that counts here', { cause: error });
}
