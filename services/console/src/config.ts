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

/** Algorithms by which a token may be signed: asymmetric ones only, since the console holds no secret of the issuer. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

const cidr = z.string().refine((text) => {
  const [ip = '', bits = ''] = text.split('/');
  const most = isIP(ip) === 4 ? 32 : isIP(ip) === 6 ? 128 : -1;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most;
}, 'must be a network such as 10.0.0.0/8 or fd00::/8');

const asIngest = <T extends z.ZodType>(setting: T): T =>
  setting.describe('as ingest has it, for checks and plans');

export const consoleConfig = z.object({
  ...baseConfig,
  ...brokerSettings,
  ...storeSettings,
  CONSOLE_HOST: address()
    .prefault('127.0.0.1')
    .describe('the address that the page and its API listen on; any but a loopback one needs AUTH_JWKS_URL'),
  CONSOLE_PORT: port()
    .prefault('8581')
    .describe('their port; 0 takes any free one, which the log then names'),
  CONSOLE_HOSTS: list(z.string())
    .optional()
    .describe('names under which browsers reach the console, besides localhost; others are refused'),
  CONSOLE_TLS: flag()
    .prefault('false')
    .describe('whether browsers reach it by https, through a proxy: then they are told never to use http'),
  TRUSTED_PROXIES: list(cidr)
    .optional()
    .describe('networks of the proxies whose X-Forwarded-For and -Host are believed'),
  STORE: z
    .string()
    .optional()
    .describe(
      'where canonical audio is kept, as dispatchers have it: plans look whether it is still there; without it, what is paid for counts as there',
    ),
  INBOX: list()
    .optional()
    .describe(
      'what ingest watches: set files that are submitted go to its first folder, or its first bucket where there is none; without one, none can be',
    ),
  POLLY_LOCAL_URL: url()
    .optional()
    .describe('the local engine, by which a line is heard before it is submitted; without it, none can be'),
  PROVIDER: asIngest(doorSettings.PROVIDER),
  COMPAT: asIngest(doorSettings.COMPAT),
  TASK_BUCKET: asIngest(doorSettings.TASK_BUCKET),
  NOTIFY_CHANNELS: asIngest(doorSettings.NOTIFY_CHANNELS),
  ...moneySettings,
  QUOTAS: readAs(readQuotas, QUOTA_FORMS)
    .prefault('auto')
    .describe('as the dispatcher has it: what the calls of the last minutes are shown against'),
  MAX_SET_FILE: integer({ min: 1_024, max: MAX_FILE_BYTES })
    .prefault(String(MAX_FILE_BYTES))
    .describe('largest set file that is taken by HTTP, in bytes'),
  AUTH_JWKS_URL: url()
    .optional()
    .describe(
      'keys of the token issuer, by https or from this machine; without it nobody is asked who they are',
    ),
  AUTH_ISSUER: z.string().optional().describe('`iss` that a token must have'),
  AUTH_AUDIENCE: z.string().optional().describe('`aud` that a token must have'),
  AUTH_ALGORITHMS: list(z.enum(ALGORITHMS, { error: `must be ${ALGORITHMS.join(', ')}` }))
    .prefault('RS256,ES256')
    .describe('algorithms by which a token may be signed; no other is believed'),
  AUTH_CLOCK_SKEW: durationMs().prefault('30s').describe('how far the issuer’s clock may be off'),
  AUTH_SETS_CLAIM: z
    .string()
    .prefault('setlist_sets')
    .describe('claim that limits a caller to sets by name: patterns with `*`; without the claim, all sets'),
  AUDIO_LINK_TTL: durationMs()
    .refine((ms) => ms >= 1_000 && ms <= 86_400_000, 'must be from 1s to 24h')
    .prefault('5m')
    .describe('how long a link to audio can be used'),
  AUDIO_LINK_SECRET: secret(z.string().min(32, 'must have 32 characters or more'))
    .optional()
    .describe(
      'signs links to audio, 32 characters or more; left out, links end with the process and hold at this replica only',
    ),
  AUDIO_LINKS: z
    .enum(['auto', 'store', 'console'], { error: 'must be auto, store or console' })
    .prefault('auto')
    .describe(
      'who signs links to audio that is in S3: store, S3 itself, at S3_ENDPOINT; console, this console, through which it then comes; auto, S3 unless AUDIO_NETWORKS is set, which S3 knows nothing of',
    ),
  AUDIO_NETWORKS: list(cidr)
    .optional()
    .describe('networks from which audio may be fetched; everywhere where not set'),
  RATE_LIMIT: integer({ min: 10 }).prefault('1200').describe('requests that one caller may make in a minute'),
});

export type ConsoleConfig = z.output<typeof consoleConfig>;
/** What the console itself asks for, beside what every service has. */
export type ConsoleSettings = Omit<ConsoleConfig, keyof typeof baseConfig>;

/** Whether links to audio are signed by the store that has it, where that can. */
export const linksByStore = ({ AUDIO_LINKS: how, AUDIO_NETWORKS: only }: ConsoleSettings): boolean =>
  how === 'store' || (how === 'auto' && only === undefined);

/** What is wrong with the settings as a whole, or nothing. */
export function unsafeAccess(config: ConsoleSettings): string | undefined {
  if (config.AUTH_JWKS_URL === undefined) {
    return isLoopback(config.CONSOLE_HOST)
      ? undefined
      : `CONSOLE_HOST is ${config.CONSOLE_HOST}, which others can reach, and nobody would be asked who they are: set AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE`;
  }
  if (config.AUTH_ISSUER === undefined || config.AUTH_AUDIENCE === undefined) {
    return 'AUTH_JWKS_URL needs AUTH_ISSUER and AUTH_AUDIENCE: a token for somebody else must not open this console';
  }
  const { protocol, hostname } = new URL(config.AUTH_JWKS_URL);
  return protocol === 'https:' || isLoopback(hostname)
    ? undefined
    : 'AUTH_JWKS_URL must be https://, or on a loopback address: whoever changes keys on their way signs tokens as they like';
}
