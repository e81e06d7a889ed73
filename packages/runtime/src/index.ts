/** Running a service: settings, log, health, signals, release, networks. */

export { createLogger, type Logger } from './logging/logger.ts';
export { maskEmail, redactUrl } from './logging/mask.ts';
export { Rarely } from './logging/rarely.ts';
export { messageOf, remedyOf } from './message-of.ts';
export { isLoopback } from './network/loopback.ts';
export { networks, plainAddress } from './network/networks.ts';
export { outboundProxy } from './network/outbound-proxy.ts';
export { orGone, orGoneSync } from './or-gone.ts';
export { RecentMap } from './recent-map.ts';
export { runService } from './service/run-service.ts';
export type { Running, ServiceContext } from './service/supervise.ts';
export { systemRemedy, tlsRemedy } from './service/system-remedies.ts';
export { keepHeapTight } from './service/tight-heap.ts';
export { type BaseConfig, baseConfig } from './settings/base-config.ts';
export { describeConfig, type Environment, loadConfig, settingsFaults } from './settings/config.ts';
export { hasContainerRole } from './settings/container-role.ts';
export {
  address,
  durationMs,
  flag,
  integer,
  list,
  mailAddress,
  port,
  readAs,
  url,
} from './settings/env-values.ts';
export { Faults } from './settings/faults.ts';
export { secret } from './settings/secret.ts';
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
export { VERSION } from './version.ts';
export { backoffDelayMs } from './waiting/backoff.ts';
export { inParallel } from './waiting/in-parallel.ts';
export { settlesWithin, sleep, sleepAtMost } from './waiting/sleep.ts';
export { Slots } from './waiting/slots.ts';
export { unlessAborted } from './waiting/unless-aborted.ts';
