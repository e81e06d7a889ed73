/** Telemetry of a program that is not a service, such as the command line with the whole system in it. */
import { z } from 'zod';
import type { Logger } from '../logging/logger.ts';
import { startHealthServer } from '../service/health-server.ts';
import { type Environment, loadConfig } from '../settings/config.ts';
import { address, port } from '../settings/env-values.ts';
import { telemetrySettings } from './settings.ts';
import { startTelemetry } from './start-telemetry.ts';

/** Where metrics are served, by OpenTelemetry's variables and with its defaults. */
export const metricsConfig = z.object({
  OTEL_EXPORTER_PROMETHEUS_HOST: address().prefault('localhost').describe('the address of /metrics'),
  OTEL_EXPORTER_PROMETHEUS_PORT: port().prefault('9464').describe('its port; 0 takes any free one'),
});
const settings = metricsConfig.extend(telemetrySettings);

export interface WatchedProcess extends AsyncDisposable {
  /** The URL of the metrics for Prometheus; missing if that is off. */
  readonly metricsUrl?: string;
}

/**
 * Starts telemetry for a process as one service, whatever runs in it.
 * @returns undefined if telemetry is off
 * @throws Faults, or the error of `listen`, such as EADDRINUSE
 */
export async function watchProcess(
  name: string,
  env: Environment,
  logger: Logger,
): Promise<WatchedProcess | undefined> {
  const read = loadConfig(settings, env);
  await using stack = new AsyncDisposableStack();
  const telemetry = await startTelemetry({ name, settings: read, logger });
  if (telemetry === undefined) return undefined;
  stack.use(telemetry);
  const { OTEL_EXPORTER_PROMETHEUS_HOST: host, OTEL_EXPORTER_PROMETHEUS_PORT: port } = read;
  const { metricsText } = telemetry;
  const shown = { host, port, service: name, checks: new Map(), ...(metricsText && { metricsText }) };
  const server = metricsText && stack.use(await startHealthServer(shown));
  const held = stack.move();
  return {
    ...(server && { metricsUrl: `${server.url}/metrics` }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
