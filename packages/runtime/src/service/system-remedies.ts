/** What to do about errors of the operating system and the network. */

const ACCESS = 'Grant this user access to the file, folder or port in the message, or choose another one.';

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another process uses this port: stop it, or choose another port (0 takes any free one).',
  EADDRNOTAVAIL: 'This machine does not have the address to listen on: correct it.',
  EACCES: ACCESS,
  EPERM: ACCESS,
  EROFS: 'The file system is read-only: choose a folder elsewhere, or mount it writable.',
  ENOSPC: 'The disk is full: free some space; the work resumes at the next start.',
  ENOENT: 'Create the file or folder in the message, or correct its path.',
  ENOTDIR: 'A part of the path is a file: correct the path.',
  EISDIR: 'The path is a folder, but a file is needed: correct the path.',
  ECONNREFUSED: 'Nothing listens at this address: start the server, or correct the address.',
  ECONNRESET: 'The other side closed the connection: check that it runs and speaks the expected protocol.',
  EHOSTUNREACH: 'This host is unreachable: check the network and the address.',
  ENETUNREACH: 'This network is unreachable: check the network and the address.',
  ENOTFOUND: 'No host has this name: correct it, or check DNS.',
  EAI_AGAIN: 'DNS does not answer: check the network, then start again.',
  ETIMEDOUT: 'No answer in time: check that the other side runs and is reachable.',
};

/** https://nodejs.org/docs/latest-v24.x/api/tls.html#x509-certificate-error-codes */
const UNTRUSTED: ReadonlySet<unknown> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** The remedy where the code says that nobody vouches for the other side's certificate. */
const trustRemedy = (code: unknown): string | undefined =>
  UNTRUSTED.has(code)
    ? 'Set NODE_EXTRA_CA_CERTS to a PEM file with the certificate of the authority that signs here, such as a proxy that inspects TLS, then start again.'
    : undefined;

/** Codes of Node's for a TLS connection that can't be made, or whose certificate is not valid. */
const ABOUT_TLS = /^(?:ERR_SSL_|ERR_TLS_|CERT_|EPROTO$)/;

/**
 * The remedy for an error with this code: how to trust the certificate if nobody vouches for it, `otherwise` for any other
 * fault of TLS, undefined for any other error.
 */
export const tlsRemedy = (code: unknown, otherwise: string): string | undefined =>
  trustRemedy(code) ?? (typeof code === 'string' && ABOUT_TLS.test(code) ? otherwise : undefined);

/** The remedy for an error with this code; `undefined` where the code does not say that something is missing. */
export const systemRemedy = (code: unknown): string | undefined =>
  typeof code === 'string' ? (REMEDIES[code] ?? trustRemedy(code)) : undefined;
