/** Metrics with OpenTelemetry's SDK: declared in the catalogue, scraped by Prometheus, sent by OTLP. */
import {
  type Attributes,
  type Counter,
  diag,
  type Histogram,
  type Meter,
  type ObservableGauge,
} from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { Resource } from '@opentelemetry/resources';
import {
  type IMetricReader,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { attributesOf, METRICS, type Metric, type MetricKey } from './catalogue.ts';
import type { TelemetrySettings, Wanted } from './settings.ts';
import type { Machinery } from './telemetry.ts';

const EXPORT_EVERY_MS = 60_000;
/** How long one read of all metrics may take; Prometheus waits longer by default. */
const READ_TIMEOUT_MS = 5_000;
const SCOPE = 'setlist';

export interface OpenMetrics {
  readonly measures: NonNullable<Machinery['metrics']>;
  /** The metrics in Prometheus format, if the settings ask for it. */
  readonly text?: () => Promise<string>;
  close(): Promise<void>;
}

export async function openMetrics(
  { metricsTo, prometheus }: Wanted,
  resource: Resource,
  settings: TelemetrySettings,
): Promise<OpenMetrics> {
  const scraped = prometheus ? new PrometheusExporter({ preventServerStart: true }) : undefined;
  const sent = metricsTo === undefined ? undefined : await readerTo(metricsTo, settings);
  const readers: IMetricReader[] = [scraped, sent].filter((reader) => reader !== undefined);
  const provider = new MeterProvider({ resource, readers });
  return {
    measures: measuresBy(provider.getMeter(SCOPE)),
    ...(scraped && { text: () => textOf(scraped) }),
    close: () => provider.shutdown(),
  };
}

async function readerTo(url: string, settings: TelemetrySettings): Promise<IMetricReader> {
  const { OTLPMetricExporter } =
    settings.OTEL_EXPORTER_OTLP_PROTOCOL === 'http/json'
      ? await import('@opentelemetry/exporter-metrics-otlp-http')
      : await import('@opentelemetry/exporter-metrics-otlp-proto');
  return new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url }),
    exportIntervalMillis: settings.OTEL_METRIC_EXPORT_INTERVAL ?? EXPORT_EVERY_MS,
    exportTimeoutMillis: Math.min(30_000, settings.OTEL_METRIC_EXPORT_INTERVAL ?? EXPORT_EVERY_MS),
  });
}

/** Creates instruments at their first use, so that a service exposes only what it measures. */
function measuresBy(meter: Meter): OpenMetrics['measures'] {
  const counters = new Map<MetricKey, Counter>();
  const histograms = new Map<MetricKey, Histogram>();
  const gauges = new Map<MetricKey, ObservableGauge>();
  return {
    add: (key, value, facts) =>
      made(counters, key, () => counter(meter, METRICS[key])).add(value, attributesOf(facts)),
    record: (key, value, facts) =>
      made(histograms, key, () => histogram(meter, METRICS[key])).record(value, attributesOf(facts)),
    observe: (key, read) => {
      const gauge = made(gauges, key, () => observableGauge(meter, METRICS[key]));
      const callback = async (result: { observe(value: number, attributes: Attributes): void }) => {
        for (const [value, facts] of await read()) result.observe(value, attributesOf(facts));
      };
      gauge.addCallback(callback);
      return { [Symbol.dispose]: () => gauge.removeCallback(callback) };
    },
  };
}

function made<T>(known: Map<MetricKey, T>, key: MetricKey, make: () => T): T {
  const before = known.get(key);
  if (before) return before;
  const instrument = make();
  known.set(key, instrument);
  return instrument;
}

const counter = (meter: Meter, { name, unit, says }: Metric): Counter =>
  meter.createCounter(name, { unit, description: says });

const histogram = (meter: Meter, { name, unit, says, buckets = [] }: Metric): Histogram =>
  meter.createHistogram(name, {
    unit,
    description: says,
    advice: { explicitBucketBoundaries: [...buckets] },
  });

const observableGauge = (meter: Meter, { name, unit, says }: Metric): ObservableGauge =>
  meter.createObservableGauge(name, { unit, description: says });

const serializer = new PrometheusSerializer('', false, undefined, false, true);

async function textOf(prometheus: PrometheusExporter): Promise<string> {
  const { resourceMetrics, errors } = await prometheus.collect({ timeoutMillis: READ_TIMEOUT_MS });
  // A value that can't be read, for example while the broker is away, must not hide the others.
  if (errors.length > 0) diag.warn('a value could not be read', ...errors);
  // If nothing was measured yet, the last line has no line break, and Prometheus would reject everything.
  return `${serializer.serialize(withUnits(resourceMetrics)).trimEnd()}\n`;
}

/** Adds units to names, as the Collector and Prometheus's own receiver do; the serializer leaves them out. */
function withUnits(all: ResourceMetrics): ResourceMetrics {
  return {
    ...all,
    scopeMetrics: all.scopeMetrics.map((scope) => ({
      ...scope,
      metrics: scope.metrics.map((metric) => {
        const { descriptor } = metric;
        const name = descriptor.unit === 's' ? `${descriptor.name}_seconds` : descriptor.name;
        return { ...metric, descriptor: { ...descriptor, name } };
      }),
    })),
  };
}
