/**
 * The settings by which a service is watched from outside: those of OpenTelemetry, under the names that it gives them.
 * All of it is off unless asked for. What is not listed here, such as OTEL_RESOURCE_ATTRIBUTES and
 * OTEL_EXPORTER_OTLP_TIMEOUT, OpenTelemetry's packages read themselves.
 */
import { z } from 'zod';
import { flag, integer, list, url } from '../settings/env-values.ts';
import { secret } from '../settings/secret.ts';

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const share = z
  .string()
  .refine((text) => /^(0(\.\d+)?|1(\.0+)?)$/.test(text.trim()), 'must be a share from 0 to 1, such as 0.01')
  .transform(Number);

const exporters = <const E extends readonly [string, ...string[]]>(...names: E) =>
  list(z.enum(names, { error: `must be ${names.join(' or ')}` }));

/** To be spread into a service's own settings; `baseConfig` has them. */
export const telemetrySettings = {
  OTEL_SDK_DISABLED: flag().optional().describe('true turns traces and metrics off, whatever else is set'),
  OTEL_TRACES_EXPORTER: exporters('otlp', 'none')
    .optional()
    .describe('otlp or none; left out, otlp where an endpoint is set'),
  OTEL_METRICS_EXPORTER: exporters('otlp', 'prometheus', 'none')
    .optional()
    .describe(
      'otlp, prometheus (GET /metrics, beside /healthz), both, or none; left out, otlp where an endpoint is set',
    ),
  OTEL_EXPORTER_OTLP_ENDPOINT: url().optional().describe('where a collector takes OTLP over HTTP'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url().optional().describe('the same for traces alone, path included'),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: url().optional().describe('the same for metrics alone, path included'),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(['http/protobuf', 'http/json'], { error: 'must be http/protobuf or http/json' })
    .optional()
    .describe('how it is spoken to: http/protobuf, or http/json; left out, http/protobuf'),
  OTEL_EXPORTER_OTLP_HEADERS: secret(z.string())
    .optional()
    .describe('headers for it, such as `authorization=Bearer …`'),
  OTEL_METRIC_EXPORT_INTERVAL: integer({ min: 10 })
    .optional()
    .describe('how often metrics are sent by OTLP, in ms without a unit; left out, 60000'),
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS, { error: `must be ${SAMPLERS.join(', ')}` })
    .optional()
    .describe('which sets are traced; left out, parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: share.optional().describe('share of the sets, for a sampler by ratio'),
  OTEL_SERVICE_NAME: z
    .string()
    .optional()
    .describe('what the service is called; left out, setlist-<service>'),
};

export type TelemetrySettings = Partial<z.output<z.ZodObject<typeof telemetrySettings>>>;

export interface Wanted {
  /** Where traces go by OTLP. */
  readonly tracesTo?: string | undefined;
  /** Where metrics go by OTLP. */
  readonly metricsTo?: string | undefined;
  readonly prometheus: boolean;
}

/** OTLP's own address, where an exporter is asked for and no endpoint is named. */
const DEFAULT_ENDPOINT = 'http://localhost:4318';

/** What the settings ask for; nothing where all of it is off. */
export function wantedBy(settings: TelemetrySettings): Wanted | undefined {
  if (settings.OTEL_SDK_DISABLED) return undefined;
  const prometheus = settings.OTEL_METRICS_EXPORTER?.includes('prometheus') ?? false;
  const tracesTo = endpointOf('traces', settings.OTEL_TRACES_EXPORTER, settings);
  const metricsTo = endpointOf('metrics', settings.OTEL_METRICS_EXPORTER, settings);
  if (tracesTo === undefined && metricsTo === undefined && !prometheus) return undefined;
  return { tracesTo, metricsTo, prometheus };
}

function endpointOf(
  signal: 'traces' | 'metrics',
  exporters: readonly string[] | undefined,
  settings: TelemetrySettings,
): string | undefined {
  const own =
    signal === 'traces'
      ? settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
      : settings.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT;
  const { OTEL_EXPORTER_OTLP_ENDPOINT: common } = settings;
  const isAsked = exporters?.includes('otlp') ?? (own !== undefined || common !== undefined);
  if (!isAsked) return undefined;
  return own ?? `${(common ?? DEFAULT_ENDPOINT).replace(/\/+$/, '')}/v1/${signal}`;
}
