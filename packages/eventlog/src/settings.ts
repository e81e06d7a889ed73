/** The settings with which every service finds the broker. */
import { type Environment, integer, list, loadConfig, secret, url } from '@setlist/runtime';
import { z } from 'zod';
import type { BrokerAccess } from './connection/broker-access.ts';
import { type EventLog, type EventLogOptions, openEventLog } from './event-log.ts';

/** Files that the broker may want to see. */
const accessSettings = {
  NATS_CREDS: z
    .string()
    .optional()
    .describe('a credentials file of NATS, with the JWT and the seed of a user of the broker'),
  NATS_NKEY: z.string().optional().describe('a file with the seed of a user’s NKey'),
  NATS_CA: z
    .string()
    .optional()
    .describe(
      'a PEM file with the authorities that may have signed the broker’s certificate, in place of those that Node trusts',
    ),
  NATS_CERT: z.string().optional().describe('a PEM file with the client certificate that the broker wants'),
  NATS_KEY: z.string().optional().describe('a PEM file with the key of NATS_CERT'),
};

const copies = integer({ min: 1, max: 5 });

/** For spreading into a service's own settings. */
export const brokerSettings = {
  NATS_URL: secret(list(url({ protocols: ['nats', 'tls'] })))
    .prefault('nats://127.0.0.1:4222')
    .describe(
      'the broker, or several servers of its cluster, separated by commas; credentials are percent-encoded: nats://user:password@host:4222 or nats://token@host:4222',
    ),
  NATS_REPLICAS: copies
    .prefault('1')
    .describe('copies of the log and the projections that a cluster keeps; applies when they are created'),
  ...accessSettings,
};

export type BrokerSettings = z.output<z.ZodObject<typeof brokerSettings>>;

/** The files that the environment names for a broker whose address comes from elsewhere, such as an option. */
export const accessFrom = (env: Environment): BrokerAccess => loadConfig(z.object(accessSettings), env);

/** How many copies of the log the environment asks for, if it says so. */
export const replicasFrom = (env: Environment): number | undefined =>
  loadConfig(z.object({ NATS_REPLICAS: copies.optional() }), env).NATS_REPLICAS;

/** Opens the log by a service's settings. The broker's monitoring shows `name`. */
export const openLogFor = (
  settings: BrokerSettings,
  name: string,
  { signal, logger }: Pick<EventLogOptions, 'signal' | 'logger'> = {},
): Promise<EventLog> =>
  openEventLog({
    servers: settings.NATS_URL.join(','),
    access: settings,
    name,
    replicas: settings.NATS_REPLICAS,
    signal,
    logger,
  });
