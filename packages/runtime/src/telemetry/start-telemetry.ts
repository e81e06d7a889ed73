/** Turns metrics and traces on where they are asked for; where not, none of OpenTelemetry's machinery is even loaded. */
import type { TelemetrySettings } from './settings.ts';

/** Disposing of it sends what has not been sent yet. */
export interface Telemetry extends AsyncDisposable {
  /** All metrics in the format of Prometheus; missing where they are off. */
  metricsText?(): Promise<string>;
}

export interface TelemetryOptions extends Pick<TelemetrySettings, 'METRICS' | 'OTEL_EXPORTER_OTLP_ENDPOINT'> {
  readonly service: string;
  readonly version?: string | undefined;
}

/** Must be called before whatever is to be measured makes its instruments. Nothing where all of it is off. */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry | undefined> {
  if (!options.METRICS && options.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return undefined;
  const { startSdk } = await import('./sdk.ts');
  return startSdk(options);
}
