/** `setlist audit export`: writes a set as one self-explanatory, self-verifying file. */
import { resolve } from 'node:path';
import { exportSet } from '@setlist/audit';
import { countOf } from '@setlist/contracts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { Reach } from '../../output/text/told-command.ts';
import type { Surroundings } from '../../surroundings.ts';
import { knownStorePlace, storesFrom } from '../stores.ts';
import { leastAt, openedLog, setIdOf } from './places.ts';

export interface ExportFlags extends Reach {
  readonly audio?: boolean;
  readonly out?: string;
  readonly store?: string;
  readonly json?: boolean;
}

/** Exits with 1 if something that belongs in the archive is gone or changed, or its store is not known. */
export async function auditExport(
  wanted: string,
  flags: ExportFlags,
  here: Surroundings,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { terminal, cwd, env } = here;
  await using opened = await openedLog(flags, here, 'setlist audit export', signal);
  const { log, data } = opened;
  const setId = await setIdOf(log, wanted, flags);
  const storeAt = storesFrom({ env, cwd });
  const canonical = knownStorePlace(flags, data, env);
  const file = resolve(cwd, flags.out ?? `${setId}.tar.gz`);
  const least = await leastAt(file, { log, setId, signal });
  const exported = await exportSet(setId, file, {
    log,
    store: canonical === undefined ? undefined : storeAt(canonical),
    outputAt: flags.audio ? storeAt : undefined,
    least,
    now: new Date(log.clock.now()),
    signal,
  });
  const { events, audioFiles, chain, missing } = exported;
  if (flags.json) terminal.print(JSON.stringify({ file, ...exported }));
  else {
    terminal.print(`${file}: ${countOf(events, 'event')}, ${countOf(audioFiles, 'audio file')}`);
    terminal.print(`head of its ${chain.events} events: ${chain.head}`);
    const unnamed = canonical === undefined ? ', or its store is not named by --store or STORE' : '';
    for (const path of missing)
      terminal.say(`not included, since it is gone or has changed${unnamed}: ${path}`);
  }
  return missing.length > 0 ? EXIT.someFailed : EXIT.done;
}
