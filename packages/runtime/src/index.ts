/** Running a service: settings, log, health, signals, release. */
export { type BackoffOptions, backoffDelayMs } from './backoff.ts';
export { type BaseConfig, baseConfig } from './base-config.ts';
export { type Clock, systemClock } from './clock.ts';
export {
  ConfigError,
  type ConfigFault,
  describeConfig,
  type Environment,
  loadConfig,
  type SettingDescription,
} from './config.ts';
export { configHelp } from './config-help.ts';
export { address, durationMs, flag, integer, list, mailAddress, port, url } from './env-values.ts';
export { errorSerializer, type SerializedError } from './error-serializer.ts';
export { type HealthServer, type HealthServerOptions, startHealthServer } from './health-server.ts';
export { type CreateLoggerOptions, createLogger, type Logger } from './logger.ts';
export { maskEmail, redactUrl } from './mask.ts';
export type { Check, CheckResult, NamedCheck } from './readiness.ts';
export { runService, type ServiceOptions } from './run-service.ts';
export { secret } from './secret.ts';
export { sleep } from './sleep.ts';
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
export type { Telemetry, TelemetryOptions } from './telemetry/sdk.ts';
export { startTelemetry } from './telemetry/start-telemetry.ts';
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
export { type WatchedProcess, watchProcess } from './telemetry/watch-process.ts';
export { keepHeapTight } from './tight-heap.ts';
