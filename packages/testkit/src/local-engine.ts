/** The local engine as its own process, with its books and faults: GPL, so it is started and called but never imported. */
import { fileURLToPath } from 'node:url';
import { startProcess, type TestProcess } from './process.ts';

const ENTRY = fileURLToPath(new URL('../../polly-local/src/main.ts', import.meta.url));

export interface LocalEngine extends TestProcess {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
}

/** Starts it on a free port. `env` sets quotas, faults, folders and the kind of engine. */
export async function startLocalEngine(env: Readonly<Record<string, string>> = {}): Promise<LocalEngine> {
  await using unlessListening = new AsyncDisposableStack();
  const engine = unlessListening.use(
    await startProcess({
      name: 'polly-local',
      entry: ENTRY,
      env: { LISTEN_PORT: '0', LOG_FORMAT: 'json', ...env },
    }),
  );
  const { url } = JSON.parse(await engine.waitForLine(/"event":"listening"/)) as { url: string };
  unlessListening.move();
  return { ...engine, url };
}

/** Whatever uses an engine: a whole system, or a part of it. */
interface EngineUser {
  readonly engineUrl: string;
}

export interface EngineCalls {
  readonly ok: number;
  readonly refused: number;
  readonly throttled: number;
  readonly failed: number;
  readonly cut: number;
  readonly inFlight: number;
  readonly peakInFlight: number;
  readonly peakAdmittedPerSecond: number;
}

export interface EngineStats {
  readonly throttled: number;
  readonly billedCharacters: number;
  readonly tasksStarted: number;
  /** By operation and engine: `SynthesizeSpeech/standard`. */
  readonly calls: Readonly<Record<string, EngineCalls>>;
  /** How often each sound was paid for and delivered whole. */
  readonly sounds: Readonly<Record<string, number>>;
  /** How often each sound was paid for although its reply did not arrive whole. */
  readonly lostSounds: Readonly<Record<string, number>>;
}

/** The engine's calls and billing. */
export async function engineStats({ engineUrl }: EngineUser): Promise<EngineStats> {
  const reply = await fetch(`${engineUrl}/_local/stats?calls=1`);
  return (await reply.json()) as EngineStats;
}

export interface EngineFaults {
  /** Shares of all calls, from 0 to 1. */
  readonly throttle?: number;
  readonly serverError?: number;
  readonly cut?: number;
  /** How long every call is delayed. */
  readonly latencyMs?: readonly [least: number, most: number];
  readonly seed?: number;
}

/** Sets the engine's faults, in place of all that were set before; `{}` ends them. */
export async function setFaults({ engineUrl }: EngineUser, faults: EngineFaults): Promise<void> {
  const body = JSON.stringify(faults);
  const reply = await fetch(`${engineUrl}/_local/faults`, { method: 'PUT', body });
  if (!reply.ok) throw new Error(`the engine refused the faults: ${await reply.text()}`);
}
