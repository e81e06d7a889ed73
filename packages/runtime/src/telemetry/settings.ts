/**
 * A service's settings for telemetry: OpenTelemetry's, under their standard names. Telemetry is off by default.
 * OpenTelemetry's packages read other variables, such as OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_TIMEOUT,
 * themselves.
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

/** To spread into a service's own settings; `baseConfig` includes them. */
export const telemetrySettings = {
  OTEL_SDK_DISABLED: flag().optional().describe('true turns traces and metrics off, whatever else is set'),
  OTEL_TRACES_EXPORTER: exporters('otlp', 'none')
    .optional()
    .describe('otlp or none; by default otlp if an endpoint is set'),
  OTEL_METRICS_EXPORTER: exporters('otlp', 'prometheus', 'none')
    .optional()
    .describe(
      'otlp, prometheus (GET /metrics, beside /healthz), both, or none; by default otlp if an endpoint is set',
    ),
  OTEL_EXPORTER_OTLP_ENDPOINT: url().optional().describe('the URL where a collector accepts OTLP over HTTP'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url().optional().describe('the same for traces alone, path included'),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: url().optional().describe('the same for metrics alone, path included'),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(['http/protobuf', 'http/json'], { error: 'must be http/protobuf or http/json' })
    .optional()
    .describe('the protocol of the collector: http/protobuf (the default) or http/json'),
  OTEL_EXPORTER_OTLP_HEADERS: secret(z.string())
    .optional()
    .describe('headers for the collector, such as `authorization=Bearer …`'),
  OTEL_METRIC_EXPORT_INTERVAL: integer({ min: 10 })
    .optional()
    .describe('how often metrics are sent by OTLP, in ms without a unit; by default 60000'),
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS, { error: `must be ${SAMPLERS.join(', ')}` })
    .optional()
    .describe('which sets are traced; by default parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: share.optional().describe('the share of sets to trace, for a ratio sampler'),
  OTEL_SERVICE_NAME: z.string().optional().describe('the name of the service; by default setlist-<service>'),
};

export type TelemetrySettings = Partial<z.output<z.ZodObject<typeof telemetrySettings>>>;

export interface Wanted {
  /** The URL for traces by OTLP. */
  readonly tracesTo?: string | undefined;
  /** The URL for metrics by OTLP. */
  readonly metricsTo?: string | undefined;
  readonly prometheus: boolean;
}

/** OTLP's default address, for an exporter without a named endpoint. */
const DEFAULT_ENDPOINT = 'http://localhost:4318';

/** What the settings ask for; undefined if telemetry is off. */
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
