/** Starts the local engine alone and has it speak a phrase. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Environment, messageOf } from '@setlist/runtime';
import { CommandFailed } from '../failure.ts';
import { INSTALL_AGAIN } from '../installed.ts';
import { type Engine, startEngine } from '../system/children/engine.ts';
import type { Finding } from './finding.ts';

const PHRASE = 'The engine speaks.';
const SPEAK_DEADLINE_MS = 20_000;
const about = 'local engine';

export async function checkEngine(env: Environment): Promise<Finding> {
  const folder = await mkdtemp(join(tmpdir(), 'setlist-doctor-'));
  const begun = performance.now();
  try {
    const engine = await startEngine({
      folder,
      logFile: join(folder, 'engine.log'),
      env,
      settings: {
        WORKERS: '1',
        QUOTAS: 'off',
        STATE_DIR: folder,
        TASK_OUTPUT_DIR: undefined,
        S3_ENDPOINT: undefined,
      },
    });
    try {
      const bytes = await speak(engine);
      const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
      return { level: 'ok', about, found: `speaks: ${bytes} bytes of mp3, ${seconds} s including its start` };
    } finally {
      await engine.stop();
    }
  } catch (error) {
    const remedy = error instanceof CommandFailed ? error.remedy : undefined;
    const found = messageOf(error);
    return { level: 'missing', about, found, remedy: remedy ?? INSTALL_AGAIN };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the number of bytes of audio for one short phrase */
async function speak({ url }: Engine): Promise<number> {
  const reply = await fetch(`${url}/v1/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Engine: 'standard', VoiceId: 'Joanna', OutputFormat: 'mp3', Text: PHRASE }),
    signal: AbortSignal.timeout(SPEAK_DEADLINE_MS),
  });
  if (!reply.ok) throw new Error(`it answered ${reply.status}: ${await reply.text()}`);
  const { byteLength } = await reply.arrayBuffer();
  if (byteLength === 0) throw new Error('it answered without audio');
  return byteLength;
}
