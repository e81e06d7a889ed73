/** Latency: from a file's move into the watched folder to its first audio, relative to the engine's own time. */
import { existsSync } from 'node:fs';
import { mkdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { System } from '@setlist/e2e';
import type { Benchmark, Row } from '../benchmark.ts';
import { speaker } from '../engine.ts';
import { median, quantile, rounded } from '../statistics.ts';

const DEADLINE_MS = 30_000;
const LOOK_EVERY_MS = 1;
/** Drops before the first that counts, to open connections and compile code. */
const WARM_UP = 10;
const MS_PER_HOUR = 3_600_000;

const phraseOf = (index: number): string => `The departure of train number ${index} is delayed.`;

async function measure(engine: 'espeak' | 'instant', items: number): Promise<Row> {
  await using system = await System.start({
    engine: { ENGINE: engine },
    services: { CALL_TIMEOUT: '30s', ACK_WAIT: '30s' },
  });
  const speak = speaker(system.engineUrl);
  const first: number[] = [];
  const own: number[] = [];
  for (let index = 0; index < WARM_UP + items; index++) {
    // The engine gets its own text, in turn with the drops, so that both see the same machine.
    const asked = performance.now();
    await speak(phraseOf(1_000_000 + index));
    const answered = performance.now();
    const visible = await untilFirstAudio(system, index);
    if (index < WARM_UP) continue;
    own.push(answered - asked);
    first.push(visible);
  }
  return {
    engine,
    sets: items,
    firstAudioMs: rounded(median(first), 1),
    firstAudioP95Ms: rounded(quantile(first, 0.95), 1),
    engineMs: rounded(median(own), 1),
    overEngineMs: rounded(median(first) - median(own), 1),
  };
}

/** In ms. The file's time is an hour ago, as is usual for moved files, so ingest doesn't wait for its last write. */
async function untilFirstAudio(system: System, index: number): Promise<number> {
  const name = `latency-${index}`;
  const text = `set: { name: ${name} }\ndefaults: { engine: standard, voice-id: Joanna }\nitems:\n  - { text: "${phraseOf(index)}", output-file: first.mp3 }\n`;
  const aside = join(system.folder, `${name}.part`);
  await mkdir(system.inbox, { recursive: true });
  await writeFile(aside, text);
  const written = new Date(Date.now() - MS_PER_HOUR);
  await utimes(aside, written, written);
  const audio = join(system.output, name, 'first.mp3');
  const moved = performance.now();
  await rename(aside, join(system.inbox, `${name}.yml`));
  while (!existsSync(audio)) {
    if (performance.now() - moved > DEADLINE_MS) throw new Error(`no ${audio} after ${DEADLINE_MS} ms`);
    await pause(LOOK_EVERY_MS);
  }
  return performance.now() - moved;
}

export const latency: Benchmark = {
  says: 'from a file’s move into the folder to its first audio, over the engine’s own time',
  takes: '1 min: 50 sets of one item, with the instant engine and with the one that speaks',
  middleOf: 'overEngineMs',
  cases: ({ items = 50 }) =>
    (['instant', 'espeak'] as const).map((engine) => ({
      name: engine,
      measure: () => measure(engine, items),
    })),
};
