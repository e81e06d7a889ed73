/** What to do where no secure connection can be made: one table for every channel. */
import { trustRemedy } from '@setlist/runtime';

/** Codes of Node's for a TLS connection that can't be made, or whose certificate is not valid. */
const ABOUT_TLS = /^(?:ERR_SSL_|ERR_TLS_|CERT_|EPROTO$)/;

/**
 * The remedy for an error with this code: how to trust the certificate if nobody vouches for it, `otherwise` for any other
 * fault of TLS, undefined for any other error.
 */
export function tlsRemedy(code: unknown, otherwise: string): string | undefined {
  return trustRemedy(code) ?? (typeof code === 'string' && ABOUT_TLS.test(code) ? otherwise : undefined);
}
