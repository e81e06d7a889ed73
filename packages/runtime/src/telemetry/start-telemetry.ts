/** Turns metrics and traces on where they are asked for; where not, none of OpenTelemetry's machinery is even loaded. */
import type { Telemetry, TelemetryOptions } from './sdk.ts';
import { wantedBy } from './settings.ts';

/** Must come before what it is to measure; one at a time in a process. Nothing where all of it is off. */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry | undefined> {
  const wanted = wantedBy(options.settings);
  if (wanted === undefined) return undefined;
  const { startSdk } = await import('./sdk.ts');
  return startSdk(wanted, options);
}
