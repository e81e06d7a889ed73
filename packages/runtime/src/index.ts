/** Running a service: settings, log, health, signals, release. */
export { backoffDelayMs } from './backoff.ts';
export { type BaseConfig, baseConfig } from './base-config.ts';
export { ConfigError, describeConfig, type Environment, loadConfig } from './config.ts';
export { address, durationMs, flag, integer, list, mailAddress, port, readAs, url } from './env-values.ts';
export { inParallel } from './in-parallel.ts';
export { createLogger, type Logger } from './logger.ts';
export { maskEmail, redactUrl } from './mask.ts';
export { messageOf } from './message-of.ts';
export { runService } from './run-service.ts';
export { secret } from './secret.ts';
export { settlesWithin, sleep, sleepAtMost } from './sleep.ts';
export { Slots } from './slots.ts';
export type { Running, ServiceContext } from './supervise.ts';
export {
  ATTRIBUTES,
  METRICS,
  type Metric,
  type MetricKey,
  prometheusName,
  STEPS,
  type StepKind,
} from './telemetry/catalogue.ts';
export {
  count,
  type OpenSpan,
  observe,
  record,
  runStep,
  type Step,
  startSpan,
  startStep,
  unsampled,
} from './telemetry/telemetry.ts';
export { metricsConfig, watchProcess } from './telemetry/watch-process.ts';
export { keepHeapTight } from './tight-heap.ts';
