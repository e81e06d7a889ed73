/** OpenTelemetry's machinery: loaded only where metrics or traces are on. */
import { metrics, trace } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { type IMetricReader, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { Telemetry, TelemetryOptions } from './start-telemetry.ts';

const EXPORT_EVERY_MS = 15_000;

export function startSdk({
  service,
  version,
  METRICS,
  OTEL_EXPORTER_OTLP_ENDPOINT,
}: TelemetryOptions): Telemetry {
  const resource = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: `setlist-${service}`,
    ...(version === undefined ? {} : { [ATTR_SERVICE_VERSION]: version }),
  });
  const prometheus = METRICS ? new PrometheusExporter({ preventServerStart: true }) : undefined;
  const collector = OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, '');
  const meters = new MeterProvider({ resource, readers: readersOf(prometheus, collector) });
  metrics.setGlobalMeterProvider(meters);
  const tracers = collector === undefined ? undefined : tracersTo(collector, resource);
  // Registered without a context manager: a span's parent is always handed over by name, in an event or a call.
  if (tracers) trace.setGlobalTracerProvider(tracers);
  return {
    ...(prometheus ? { metricsText: () => textOf(prometheus) } : {}),
    async [Symbol.asyncDispose]() {
      // A collector that is away must not hold up the end: what it misses is gone.
      await Promise.allSettled([tracers?.shutdown(), meters.shutdown()]);
      metrics.disable();
      trace.disable();
    },
  };
}

function readersOf(
  prometheus: PrometheusExporter | undefined,
  collector: string | undefined,
): IMetricReader[] {
  return [
    ...(prometheus ? [prometheus] : []),
    ...(collector === undefined
      ? []
      : [
          new PeriodicExportingMetricReader({
            exporter: new OTLPMetricExporter({ url: `${collector}/v1/metrics` }),
            exportIntervalMillis: EXPORT_EVERY_MS,
          }),
        ]),
  ];
}

const tracersTo = (
  collector: string,
  resource: ReturnType<typeof resourceFromAttributes>,
): NodeTracerProvider =>
  new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${collector}/v1/traces` }))],
  });

const serializer = new PrometheusSerializer();

async function textOf(prometheus: PrometheusExporter): Promise<string> {
  const { resourceMetrics } = await prometheus.collect();
  return serializer.serialize(resourceMetrics);
}
