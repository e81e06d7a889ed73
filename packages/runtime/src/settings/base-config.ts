/** The settings that every service has, to spread into its own. */
import { z } from 'zod';
import { telemetrySettings } from '../telemetry/settings.ts';
import { address, durationMs, port } from './env-values.ts';

/** Spread first: `z.object({ ...baseConfig, NATS_URL: … })`. */
export const baseConfig = {
  HTTP_HOST: address().prefault('127.0.0.1').describe('the address that /healthz and /readyz listen on'),
  HTTP_PORT: port().prefault('0').describe('the port they listen on; 0 takes any free one and logs it'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .prefault('info')
    .describe(
      'the lowest level that the log shows: fatal, error, warn, info, debug, trace, or silent for none',
    ),
  LOG_FORMAT: z
    .enum(['auto', 'json', 'pretty'], { error: 'must be auto, json or pretty' })
    .prefault('auto')
    .describe('the format of the log; auto means pretty on a terminal and json elsewhere'),
  DRAIN_TIMEOUT: durationMs()
    .prefault('25s')
    .describe('how long work in progress may take to end after the first SIGTERM or SIGINT'),
  ...telemetrySettings,
};

export type BaseConfig = z.output<z.ZodObject<typeof baseConfig>>;
