/** A broker whose users are known by JWTs, as in NATS's operator mode: with keys, tokens and a configuration of its own. */
import { nkeys } from 'nats';

interface KeyPair {
  getPublicKey(): string;
  getSeed(): Uint8Array;
  sign(input: Uint8Array): Uint8Array;
}

const UNLIMITED = { subs: -1, data: -1, payload: -1 };
const ACCOUNT = { imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
const JETSTREAM = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

const part = (content: unknown): string => Buffer.from(JSON.stringify(content)).toString('base64url');

/** A token of NATS: `issuer` says of `about` what `nats` holds. */
function jwt(issuer: KeyPair, about: KeyPair, nats: object): string {
  const [iss, sub] = [issuer.getPublicKey(), about.getPublicKey()];
  const claims = { jti: sub, iat: Math.floor(Date.now() / 1_000), iss, sub, name: sub, nats };
  const signed = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}`;
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`;
}

/** An account with JetStream on a broker; `user` makes the content of a credentials file. */
export function operatorMode(): { readonly config: string; user(): string } {
  const [operator, account, system]: KeyPair[] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createAccount(),
  ];
  if (!operator || !account || !system) throw new Error('unreachable');
  const accountOf = (of: KeyPair, limits: object): string =>
    jwt(operator, of, { limits: { ...UNLIMITED, ...ACCOUNT, ...limits }, type: 'account', version: 2 });
  return {
    config: [
      `operator: ${jwt(operator, operator, { type: 'operator', version: 2 })}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      'resolver_preload {',
      `  ${account.getPublicKey()}: ${accountOf(account, JETSTREAM)}`,
      `  ${system.getPublicKey()}: ${accountOf(system, {})}`,
      '}',
    ].join('\n'),
    user: () => {
      const user: KeyPair = nkeys.createUser();
      const token = jwt(account, user, { ...UNLIMITED, type: 'user', version: 2 });
      const seed = Buffer.from(user.getSeed()).toString();
      return [
        '-----BEGIN NATS USER JWT-----',
        token,
        '------END NATS USER JWT------',
        '',
        '-----BEGIN USER NKEY SEED-----',
        seed,
        '------END USER NKEY SEED------',
        '',
      ].join('\n');
    },
  };
}
