/** The settings with which every service finds the broker. */
import { integer, list, secret, url } from '@setlist/runtime';
import type { z } from 'zod';
import { type EventLog, openEventLog } from './event-log.ts';

/** For spreading into a service's own settings. */
export const brokerSettings = {
  NATS_URL: secret(list(url({ protocols: ['nats', 'tls'] })))
    .prefault('nats://127.0.0.1:4222')
    .describe(
      'the broker, or several servers of its cluster, separated by commas; credentials are percent-encoded: nats://user:password@host:4222 or nats://token@host:4222',
    ),
  NATS_REPLICAS: integer({ min: 1, max: 5 })
    .prefault('1')
    .describe('copies of the log and the projections that a cluster keeps; applies when they are created'),
};

export type BrokerSettings = z.output<z.ZodObject<typeof brokerSettings>>;

/** Opens the log by a service's settings. The broker's monitoring shows `name`; `signal` cancels the opening. */
export const openLogFor = (settings: BrokerSettings, name: string, signal?: AbortSignal): Promise<EventLog> =>
  openEventLog({ servers: settings.NATS_URL.join(','), name, replicas: settings.NATS_REPLICAS, signal });
