/** `setlist plan`: what making set files would cost and take. Spends nothing and changes nothing. */
import { type KnownDoor, moneyConfig, planOf, runOptions, termsOf } from '@setlist/admission';
import type { Provider } from '@setlist/contracts';
import { type Environment, loadConfig, unlessAborted } from '@setlist/runtime';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { planLines } from '../output/plan.ts';
import { checkFiles } from '../set-files/check.ts';
import { type Limits, togetherOverLimit } from '../set-files/limit-together.ts';
import { listenForStop } from '../stopping.ts';
import type { Surroundings } from '../surroundings.ts';
import { type RunningSystem, systemOf } from '../system/folder/system-note.ts';
import { logPlace, openLog } from '../system/open-log.ts';
import { bucketNamed, type StoreFlags, storeAt } from './stores.ts';
import { doorTo } from './system-flags.ts';
import { tellRefusals, tellWarnings } from './tell-refusals.ts';

export interface PlanFlags extends Limits, StoreFlags {
  readonly data: string;
  readonly provider?: Provider;
  readonly compat?: boolean;
  readonly taskBucket?: string;
  readonly items?: boolean;
  readonly json?: boolean;
}

const LEXICONS_UNKNOWN =
  'Items that name lexicons count as new: only a running system ("setlist up") can read lexicons.';
const AUDIO_UNKNOWN =
  'Sounds that are paid for count as stored: --server names the log, not the store of its audio. Add --store with the STORE of its dispatchers.';

export async function plan(
  files: readonly string[],
  flags: PlanFlags,
  here: Surroundings,
): Promise<ExitCode> {
  const { terminal, cwd, env } = here;
  const settings = loadConfig(moneyConfig, env);
  using stop = listenForStop(here);
  const place = logPlace(flags, here, 'setlist plan', stop.signal);
  const system = flags.server === undefined ? await systemOf(place.data, stop.signal) : undefined;
  const provider = flags.provider ?? system?.provider ?? 'local';
  const compat = flags.compat ?? system?.compat ?? false;
  const door = doorBefore(provider, flags, system, env);
  const options = { cwd, compat, run: runOptions(flags), ...(door && { door }) };
  const checked = await unlessAborted(checkFiles(files, options), stop.signal);
  tellWarnings(checked, terminal);
  if (checked.refusals.length > 0) {
    tellRefusals(checked, terminal, flags.json);
    return EXIT.refused;
  }
  await using opened = await openLog(place);
  const storeAddress = flags.store ?? (flags.server === undefined ? place.data.store : undefined);
  const store = storeAddress === undefined ? undefined : storeAt(storeAddress, here);
  const maker = { provider, compat, log: opened?.log, store, signal: stop.signal };
  const together =
    checked.setFiles.length < 2 ? undefined : await togetherOverLimit(checked.setFiles, flags, maker, here);
  let exitCode: ExitCode = EXIT.done;
  for (const setFile of checked.setFiles) {
    const terms = termsOf(setFile.set, runOptions(flags));
    const alone = await unlessAborted(planOf(setFile.set, { ...maker, terms, settings }), stop.signal);
    const made = { ...(together && { problem: together }), ...alone };
    if (made.lexiconsUnknown) terminal.say(LEXICONS_UNKNOWN);
    if (made.audioUnknown) terminal.say(AUDIO_UNKNOWN);
    if (made.problem !== undefined) exitCode = EXIT.refused;
    if (flags.json) terminal.print(JSON.stringify(made));
    else for (const line of planLines(made, { ...flags, provider }, terminal.paint)) terminal.print(line);
  }
  return exitCode;
}

/** The door that the set must pass: of the system running here, or of one started here; unknown with `--server`. */
function doorBefore(
  provider: Provider,
  { server, taskBucket }: PlanFlags,
  system: RunningSystem | undefined,
  env: Environment,
): KnownDoor | undefined {
  if (server !== undefined) return undefined;
  if (system?.provider === provider && taskBucket === undefined) return system;
  return doorTo({ provider, taskBucket: bucketNamed(taskBucket, env) }, env);
}
