/** Sets up OpenTelemetry's SDK; loaded only if metrics or traces are on. */
import { randomUUID } from 'node:crypto';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../logging/logger.ts';
import { Rarely } from '../logging/rarely.ts';
import { messageOf } from '../message-of.ts';
import { VERSION } from '../version.ts';
import { settlesWithin } from '../waiting/sleep.ts';
import { openMetrics } from './metrics-sdk.ts';
import type { TelemetrySettings, Wanted } from './settings.ts';
import { spansFrom } from './spans.ts';
import { type Machinery, use } from './telemetry.ts';

/** How long the last export may take: a collector that is away must not delay the exit, and what it misses is lost. */
const LAST_EXPORT_MS = 3_000;
/** How long to suppress repeats of the same complaint about a collector. */
const TELL_AGAIN_MS = 300_000;
const SCOPE = 'setlist';

/** Disposing of it sends what has not been sent yet, and turns telemetry off. */
export interface Telemetry extends AsyncDisposable {
  /** All metrics in Prometheus format; missing if that is off. */
  metricsText?(): Promise<string>;
}

export interface TelemetryOptions {
  /** The `service.name`, unless the settings give another. */
  readonly name: string;
  readonly settings: TelemetrySettings;
  /** Receives complaints, for example about a collector that accepts nothing. */
  readonly logger: Logger;
}

export async function startSdk(wanted: Wanted, options: TelemetryOptions): Promise<Telemetry> {
  tellOfTrouble(options.logger);
  const resource = resourceOf(options);
  const { tracesTo } = wanted;
  const tracers = tracesTo === undefined ? undefined : await tracersTo(tracesTo, resource, options.settings);
  const isMeasuring = wanted.metricsTo !== undefined || wanted.prometheus;
  const metrics = isMeasuring ? await openMetrics(wanted, resource, options.settings) : undefined;
  const machinery: Machinery = {
    ...(metrics && { metrics: metrics.measures }),
    ...(tracers && { startSpan: spansFrom(tracers.getTracer(SCOPE, VERSION)) }),
  };
  use(machinery);
  return {
    ...(metrics?.text && { metricsText: metrics.text }),
    async [Symbol.asyncDispose]() {
      use({});
      const sent = Promise.allSettled([tracers?.shutdown(), metrics?.close()]);
      if (!(await settlesWithin(LAST_EXPORT_MS, sent))) {
        options.logger.warn({ event: 'telemetry-cut' }, 'the collector did not accept the last measurements');
      }
      diag.disable();
    },
  };
}

/** The service's resource; OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME override our attributes. */
function resourceOf({ name, settings }: TelemetryOptions): Resource {
  const own = resourceFromAttributes({
    'service.name': settings.OTEL_SERVICE_NAME ?? name,
    'service.namespace': 'setlist',
    'service.instance.id': randomUUID(),
    'service.version': VERSION,
  });
  return defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [envDetector] }));
}

async function tracersTo(
  url: string,
  resource: Resource,
  settings: TelemetrySettings,
): Promise<TracerProvider> {
  const { OTLPTraceExporter } =
    settings.OTEL_EXPORTER_OTLP_PROTOCOL === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  const exporter = new OTLPTraceExporter({ url });
  return new TracerProvider({
    resource,
    sampler: samplerOf(settings),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
}

function samplerOf({
  OTEL_TRACES_SAMPLER: name = 'parentbased_always_on',
  OTEL_TRACES_SAMPLER_ARG: ratio = 1,
}: TelemetrySettings): Sampler {
  const root = name.endsWith('always_off')
    ? new AlwaysOffSampler()
    : name.endsWith('traceidratio')
      ? new TraceIdRatioBasedSampler(ratio)
      : new AlwaysOnSampler();
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

/** Sends the SDK's own complaints to the service's log, but repeats each one rarely. */
function tellOfTrouble(logger: Logger): void {
  const rarely = new Rarely(TELL_AGAIN_MS);
  const tell = (message: string, ...more: unknown[]): void => {
    // Some count what was lost: another number is no other complaint.
    if (!rarely.isDue(message.replaceAll(/\d+/g, '#'))) return;
    // Nothing else is passed on: requests have headers, and headers have secrets.
    const reasons = more.filter((one) => one instanceof Error || typeof one === 'string').map(messageOf);
    const trouble = [message, ...new Set(reasons)].join(': ');
    logger.warn({ event: 'telemetry-trouble', trouble }, 'telemetry has trouble');
  };
  const silent = (): void => undefined;
  diag.setLogger(
    { error: tell, warn: tell, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
