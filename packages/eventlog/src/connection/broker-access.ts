/** What a broker may want of its clients besides the credentials in its address. It comes in files. */
import { readFileSync } from 'node:fs';
import { messageOf } from '@setlist/runtime';
import { type Authenticator, type ConnectionOptions, credsAuthenticator, nkeyAuthenticator } from 'nats';
import { BrokerUnavailable } from './broker-unavailable.ts';

/** Paths, by the names of the settings. NATS's own command reads the same variables. */
export interface BrokerAccess {
  /** A user's JWT and seed, as `nsc` writes them. */
  readonly NATS_CREDS?: string | undefined;
  /** The seed of a user's NKey. */
  readonly NATS_NKEY?: string | undefined;
  /** PEM; replaces the authorities that Node trusts. */
  readonly NATS_CA?: string | undefined;
  /** The client's own certificate and its key, in PEM. */
  readonly NATS_CERT?: string | undefined;
  readonly NATS_KEY?: string | undefined;
}

/**
 * The client library's options. It reads the files again with each connection, so that they can be renewed.
 * @throws BrokerUnavailable for files that can't be read or don't go together; its message never contains secrets
 */
export function accessOptions(access: BrokerAccess): Pick<ConnectionOptions, 'authenticator' | 'tls'> {
  const { NATS_CA: caFile, NATS_CERT: certFile, NATS_KEY: keyFile } = access;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw unusable('only one of NATS_CERT and NATS_KEY is set', 'Set both: a certificate needs its key.');
  }
  for (const name of ['NATS_CA', 'NATS_CERT', 'NATS_KEY'] as const) contentOf(access, name);
  const authenticator = authenticatorOf(access);
  return {
    ...(authenticator && { authenticator }),
    ...((caFile ?? certFile) !== undefined && {
      tls: { ...(caFile && { caFile }), ...(certFile && keyFile && { certFile, keyFile }) },
    }),
  };
}

function authenticatorOf(access: BrokerAccess): Authenticator | undefined {
  if (access.NATS_CREDS !== undefined && access.NATS_NKEY !== undefined) {
    throw unusable('NATS_CREDS and NATS_NKEY are both set', 'Set only the one that the broker knows.');
  }
  const name = access.NATS_CREDS === undefined ? 'NATS_NKEY' : 'NATS_CREDS';
  const path = access[name];
  let content = contentOf(access, name);
  if (path === undefined || content === undefined) return undefined;
  const answer = (secret: string, nonce?: string) =>
    name === 'NATS_CREDS'
      ? credsAuthenticator(Buffer.from(secret))(nonce)
      : nkeyAuthenticator(Buffer.from(secret.trim()))(nonce);
  try {
    answer(content);
  } catch (cause) {
    const kind = name === 'NATS_CREDS' ? 'a credentials file of NATS' : 'the seed of an NKey';
    throw unusable(`the file that ${name} names, ${path}, is not ${kind}`, 'Name the right file.', cause);
  }
  return (nonce) => {
    try {
      const newest = readFileSync(path, 'utf8');
      const answered = answer(newest, nonce);
      content = newest;
      return answered;
    } catch {
      // The file is being replaced: what it held is as good as before.
      return answer(content ?? '', nonce);
    }
  };
}

function contentOf(access: BrokerAccess, name: keyof BrokerAccess): string | undefined {
  const path = access[name];
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const what = `the file that ${name} names can't be read: ${messageOf(cause)}`;
    throw unusable(what, 'Correct the path, or let the user of this process read the file.', cause);
  }
}

const unusable = (message: string, remedy: string, cause?: unknown): BrokerUnavailable =>
  new BrokerUnavailable(message, { cause, remedy });
