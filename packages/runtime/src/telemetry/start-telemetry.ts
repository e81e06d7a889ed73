/** Turns metrics and traces on if the settings ask for them; otherwise doesn't even load OpenTelemetry's SDK. */
import type { Telemetry, TelemetryOptions } from './sdk.ts';
import { wantedBy } from './settings.ts';

/** Call it before anything it should measure, and only once at a time in a process. @returns undefined if all is off */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry | undefined> {
  const wanted = wantedBy(options.settings);
  if (wanted === undefined) return undefined;
  const { startSdk } = await import('./sdk.ts');
  return startSdk(wanted, options);
}
