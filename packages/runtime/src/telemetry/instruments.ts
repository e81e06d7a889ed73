/** Metrics by name: made when a service is put together, after telemetry has been started. Names are in `docs/telemetry.md`. */
import { type Counter, type Histogram, metrics, type ObservableGauge } from '@opentelemetry/api';

/** Seconds; from a cached sound to a long task. */
const SECONDS_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

const meter = () => metrics.getMeter('setlist');

/** Counts up for ever. */
export const counter = (name: string, description: string, unit = '1'): Counter =>
  meter().createCounter(name, { description, unit });

/** Durations, in seconds. */
export const seconds = (name: string, description: string): Histogram =>
  meter().createHistogram(name, {
    description,
    unit: 's',
    advice: { explicitBucketBoundaries: SECONDS_BUCKETS },
  });

/** What stands at a value, which is asked for whenever metrics are read. */
export function gauge(
  name: string,
  description: string,
  read: () => Iterable<readonly [value: number, attributes: Record<string, string>]>,
): ObservableGauge {
  const made = meter().createObservableGauge(name, { description });
  made.addCallback((result) => {
    for (const [value, attributes] of read()) result.observe(value, attributes);
  });
  return made;
}
