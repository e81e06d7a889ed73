/** The settings by which a service can be watched from outside; all of it is off unless asked for. */
import { z } from 'zod';
import { flag, url } from '../env-values.ts';

const share = z
  .string()
  .refine((text) => /^(0(\.\d+)?|1(\.0+)?)$/.test(text.trim()), 'must be a share from 0 to 1, such as 0.01')
  .transform(Number);

/** To be spread into a service's own settings; `baseConfig` has them. */
export const telemetrySettings = {
  METRICS: flag()
    .prefault('false')
    .describe('whether GET /metrics, beside /healthz, answers in the format of Prometheus'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url()
    .optional()
    .describe('where an OpenTelemetry collector takes metrics and traces by OTLP over HTTP'),
  TRACE_ITEMS: share
    .prefault('0.01')
    .describe('share of the items that are traced one by one; sets always are'),
};

export type TelemetrySettings = z.output<z.ZodObject<typeof telemetrySettings>>;
