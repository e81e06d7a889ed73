/** `setlist audit verify`: finds what is wrong with the log, with what is derived from it, or with an archive. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  concernsRepair,
  type Finding,
  placeOfHead,
  type Repaired,
  repair,
  Snapshots,
  type Verdict,
  type VerifyOptions,
  verify,
  verifyArchive,
} from '@setlist/audit';
import { commandSubject, countOf } from '@setlist/contracts';
import { type EventLog, NobodyAnswers } from '@setlist/eventlog';
import { loadConfig } from '@setlist/runtime';
import { trackerConfig } from '@setlist/tracker';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { missing, refused } from '../../failure.ts';
import { findingsView } from '../../output/findings.ts';
import type { Terminal } from '../../output/text/terminal.ts';
import type { Reach } from '../../output/text/told-command.ts';
import { untilStopped, untilUnwound } from '../../stopping.ts';
import type { Surroundings } from '../../surroundings.ts';
import { knownStorePlace, storesFrom } from '../stores.ts';
import { openedLog, setIdOf, snapshotsFolder } from './places.ts';

export interface VerifyFlags extends Reach {
  readonly deep?: boolean;
  readonly audio: boolean;
  readonly repair?: boolean;
  readonly archive?: string;
  readonly head?: string;
  readonly set?: string;
  readonly store?: string;
  readonly json?: boolean;
}

export async function auditVerify(flags: VerifyFlags, here: Surroundings): Promise<ExitCode> {
  if (flags.head !== undefined && !/^[0-9a-f]{64}$/.test(flags.head)) {
    throw refused('--head takes the 64 hex digits from the message', 'Copy all of them, in lower case.');
  }
  if (flags.set !== undefined && flags.head === undefined) {
    throw refused(
      '--set names the set of --head, but there is no --head',
      'Add --head HEX, or leave out --set: all sets are checked.',
    );
  }
  const { archive, head } = flags;
  if (archive !== undefined) return untilUnwound(here, (signal) => verifyFile(archive, flags, here, signal));
  return untilStopped(here, () =>
    head === undefined ? verifyLog(flags, here) : verifyHead(head, flags, here),
  );
}

async function verifyFile(
  file: string,
  { head, json }: VerifyFlags,
  here: Surroundings,
  signal: AbortSignal,
): Promise<ExitCode> {
  const path = resolve(here.cwd, file);
  if (!existsSync(path)) throw refused(`--archive: there is no file ${path}`, 'Correct the path.');
  const view = findingsView(here.terminal, json ?? false);
  const verdict = await verifyArchive(path, { head, onFinding: view.take, signal });
  const { setId, state, events, audioFiles, chain } = verdict;
  const about = `${setId}, ${state ?? 'of no known state'}: ${countOf(events, 'event')}, ${countOf(audioFiles, 'audio file')}`;
  const lines = [about, ...(chain ? [`head of its ${chain.events} events: ${chain.head}`] : [])];
  view.end(verdict, setId === undefined ? [] : lines);
  return verdict.faults > 0 ? EXIT.someFailed : EXIT.done;
}

async function verifyHead(head: string, flags: VerifyFlags, here: Surroundings): Promise<ExitCode> {
  const { terminal } = here;
  if (flags.set === undefined) throw refused('--head needs the set that it belongs to', 'Add --set SET.');
  await using opened = await openedLog(flags, here, 'setlist audit verify');
  const setId = await setIdOf(opened.log, flags.set, flags);
  const place = await placeOfHead(opened.log, setId, head);
  if (flags.json) terminal.print(JSON.stringify({ setId, head, known: place !== undefined, ...place }));
  else if (place)
    terminal.print(
      `It is the head of the first ${place.events} events of ${setId} (up to event ${place.seq}): none of them has changed.`,
    );
  else {
    terminal.print(`The chain of ${setId} never had this head.`);
    terminal.print(
      'Its events have changed since the message was sent: keep the message, and compare with a backup.',
    );
  }
  return place ? EXIT.done : EXIT.someFailed;
}

const STORE_UNNAMED =
  'The stored audio and set files are not checked: name their place, the STORE of the dispatchers, with --store or the variable STORE.';

async function verifyLog(flags: VerifyFlags, here: Surroundings): Promise<ExitCode> {
  const { terminal, env } = here;
  await using opened = await openedLog(flags, here, 'setlist audit verify');
  const { log, data } = opened;
  if (flags.repair) await requireStill(log);
  const live = opened.live && !flags.repair;
  const outputAt = storesFrom(here);
  const canonical = knownStorePlace(flags, data, env);
  const store = canonical === undefined ? undefined : outputAt(canonical);
  const places = flags.audio ? { store, outputAt } : undefined;
  if (places && !store) terminal.note(STORE_UNNAMED);
  const snapshots = new Snapshots(snapshotsFolder(data));
  const { deep = false, json = false } = flags;
  const { MANIFESTS: manifests } = loadConfig(trackerConfig.pick({ MANIFESTS: true }), env);
  const look = { log, places, snapshots, live, deep, manifests };
  const repairable: Finding[] = [];
  // A million missing files are a million findings: only those that the repair needs are kept.
  const keep = (finding: Finding): void => {
    if (flags.repair && concernsRepair(finding)) repairable.push(finding);
  };
  const verdict = await lookOnce(look, terminal, json, keep);
  if (!flags.repair || verdict.faults + verdict.notes === 0) return exitCodeOf(verdict);
  tellRepaired(await repair(repairable, { log, snapshots, outputAt }), terminal);
  return exitCodeOf(await lookOnce(look, terminal, json));
}

function exitCodeOf({ faults, unchecked }: Verdict): ExitCode {
  if (faults > 0) return EXIT.someFailed;
  return unchecked > 0 ? EXIT.missing : EXIT.done;
}

async function lookOnce(
  look: Omit<VerifyOptions, 'onFinding' | 'onProgress'>,
  terminal: Terminal,
  json: boolean,
  keep: (finding: Finding) => void = () => undefined,
): Promise<Verdict> {
  const view = findingsView(terminal, json);
  const verdict = await verify({
    ...look,
    onFinding: (finding) => {
      keep(finding);
      view.take(finding);
    },
    onProgress: (events, of) => terminal.show([`${events} of ${of} events`]),
  });
  terminal.clear();
  const { events, sets, sounds, files, manifests, seconds } = verdict;
  const what = [
    countOf(events, 'event'),
    countOf(sets, 'set'),
    countOf(manifests, 'manifest'),
    countOf(sounds, 'sound'),
    countOf(files, 'file'),
  ];
  view.end(verdict, [`${what.join(', ')} in ${seconds.toFixed(1)} s`]);
  return verdict;
}

function tellRepaired(
  { projections, contradicted, manifests, snapshots }: Repaired,
  terminal: Terminal,
): void {
  const parts = [
    ...(projections ? ['the projections'] : []),
    ...(manifests > 0 ? [countOf(manifests, 'manifest')] : []),
    ...(snapshots > 0 ? [countOf(snapshots, 'snapshot')] : []),
  ];
  if (contradicted) terminal.say('Projections that contradict the log may be evidence: none was rebuilt.');
  const told =
    parts.length === 0 ? 'Nothing of it can be rebuilt from the log.' : `Rebuilt: ${parts.join(', ')}.`;
  terminal.say(`${told} Verifying again:`);
}

/** Refuses to repair while a tracker runs: it would overwrite the repair from its memory. */
async function requireStill(log: EventLog): Promise<void> {
  try {
    await log.ask(commandSubject('pause'), {});
  } catch (error) {
    if (error instanceof NobodyAnswers) return;
    throw error;
  }
  throw missing(
    'a tracker is running on this log',
    'Stop the system, then repair; it resumes where it stopped.',
  );
}
