/** The console's settings, from the environment. */
import { isIP } from 'node:net';
import { doorSettings, moneySettings } from '@setlist/admission';
import { brokerSettings } from '@setlist/eventlog';
import { QUOTA_FORMS, readQuotas } from '@setlist/polly';
import {
  address,
  baseConfig,
  durationMs,
  flag,
  integer,
  isLoopback,
  list,
  port,
  readAs,
  secret,
  url,
} from '@setlist/runtime';
import { MAX_FILE_BYTES } from '@setlist/set-file';
import { storeSettings } from '@setlist/storage';
import { z } from 'zod';

/** Accepted signature algorithms of tokens: asymmetric only, since the console shares no secret with the issuer. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

const cidr = z.string().refine((text) => {
  const [ip = '', bits = ''] = text.split('/');
  const most = isIP(ip) === 4 ? 32 : isIP(ip) === 6 ? 128 : -1;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most;
}, 'must be a network such as 10.0.0.0/8 or fd00::/8');

const asIngest = <T extends z.ZodType>(setting: T): T =>
  setting.describe('the same value as for ingest; used by checks and plans');

export const consoleConfig = z.object({
  ...baseConfig,
  ...brokerSettings,
  ...storeSettings,
  CONSOLE_HOST: address()
    .prefault('127.0.0.1')
    .describe('the address that the page and its API listen on; any but a loopback one needs AUTH_JWKS_URL'),
  CONSOLE_PORT: port().prefault('8581').describe('the port they listen on; 0 takes any free one and logs it'),
  CONSOLE_HOSTS: list(z.string())
    .optional()
    .describe('host names by which browsers reach the console, besides localhost; others are refused'),
  CONSOLE_TLS: flag()
    .prefault('false')
    .describe(
      'whether browsers reach it by https, through a proxy: then it sends HSTS, which forbids them http',
    ),
  TRUSTED_PROXIES: list(cidr)
    .optional()
    .describe('networks of the proxies whose X-Forwarded-For and X-Forwarded-Host are trusted'),
  STORE: z
    .string()
    .optional()
    .describe(
      'where canonical audio is kept, the same value as for dispatchers: plans check that paid audio is still there; without it, they assume so',
    ),
  INBOX: list()
    .optional()
    .describe(
      'what ingest watches: submitted set files go to the first folder, or to the first bucket if there is no folder; without it, no set file can be submitted',
    ),
  POLLY_LOCAL_URL: url()
    .optional()
    .describe(
      'the local engine, which speaks lines before they are submitted; without it, no line can be previewed',
    ),
  PROVIDER: asIngest(doorSettings.PROVIDER),
  COMPAT: asIngest(doorSettings.COMPAT),
  TASK_BUCKET: asIngest(doorSettings.TASK_BUCKET),
  NOTIFY_CHANNELS: asIngest(doorSettings.NOTIFY_CHANNELS),
  ...moneySettings,
  QUOTAS: readAs(readQuotas, QUOTA_FORMS)
    .prefault('auto')
    .describe('the same value as for dispatchers: recent calls are shown against it'),
  MAX_SET_FILE: integer({ min: 1_024, max: MAX_FILE_BYTES })
    .prefault(String(MAX_FILE_BYTES))
    .describe('largest set file that is accepted over HTTP, in bytes'),
  AUTH_JWKS_URL: url()
    .optional()
    .describe(
      'where the token issuer publishes its keys: https, or a loopback address; without it, callers need no token',
    ),
  AUTH_ISSUER: z.string().optional().describe('`iss` that a token must have'),
  AUTH_AUDIENCE: z.string().optional().describe('`aud` that a token must have'),
  AUTH_ALGORITHMS: list(z.enum(ALGORITHMS, { error: `must be ${ALGORITHMS.join(', ')}` }))
    .prefault('RS256,ES256')
    .describe('accepted signature algorithms of tokens'),
  AUTH_CLOCK_SKEW: durationMs().prefault('30s').describe('how far the issuer’s clock can be off'),
  AUTH_SETS_CLAIM: z
    .string()
    .prefault('setlist_sets')
    .describe(
      'claim that limits which sets a caller sees, by patterns of names with `*`; a token without the claim sees all sets',
    ),
  AUDIO_LINK_TTL: durationMs()
    .refine((ms) => ms >= 1_000 && ms <= 86_400_000, 'must be from 1s to 24h')
    .prefault('5m')
    .describe('how long a link to audio is valid'),
  AUDIO_LINK_SECRET: secret(z.string().min(32, 'must have 32 characters or more'))
    .optional()
    .describe(
      'secret that signs links to audio, 32 characters or more; without it, links are valid only on this replica and until it restarts',
    ),
  AUDIO_LINKS: z
    .enum(['auto', 'store', 'console'], { error: 'must be auto, store or console' })
    .prefault('auto')
    .describe(
      'who signs links to audio in S3: `store` is S3 itself, at S3_ENDPOINT; `console` is this console, which then also serves the audio; `auto` is S3 unless AUDIO_NETWORKS is set, which S3 can’t enforce',
    ),
  AUDIO_NETWORKS: list(cidr)
    .optional()
    .describe('networks from which audio can be fetched; if not set, from everywhere'),
  RATE_LIMIT: integer({ min: 10 }).prefault('1200').describe('requests that one caller can make per minute'),
});

export type ConsoleConfig = z.output<typeof consoleConfig>;
/** The console's own settings, without those that every service has. */
export type ConsoleSettings = Omit<ConsoleConfig, keyof typeof baseConfig>;

/** Whether the store signs links to its audio where it can. */
export const linksByStore = ({ AUDIO_LINKS: how, AUDIO_NETWORKS: only }: ConsoleSettings): boolean =>
  how === 'store' || (how === 'auto' && only === undefined);

/** @returns what is wrong with the access settings in combination, or `undefined` */
export function unsafeAccess(config: ConsoleSettings): string | undefined {
  if (config.AUTH_JWKS_URL === undefined) {
    return isLoopback(config.CONSOLE_HOST)
      ? undefined
      : `CONSOLE_HOST is ${config.CONSOLE_HOST}, which other machines can reach, and callers would need no token: set AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE`;
  }
  if (config.AUTH_ISSUER === undefined || config.AUTH_AUDIENCE === undefined) {
    return 'AUTH_JWKS_URL needs AUTH_ISSUER and AUTH_AUDIENCE: a token issued for another service must not open this console';
  }
  const { protocol, hostname } = new URL(config.AUTH_JWKS_URL);
  return protocol === 'https:' || isLoopback(hostname)
    ? undefined
    : 'AUTH_JWKS_URL must be https://, or on a loopback address: otherwise an attacker on the network could swap the keys and forge tokens';
}
