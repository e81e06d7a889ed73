/** `setlist plan`: what making set files would come to; nothing is spent and nothing changes. */
import { availableParallelism } from 'node:os';
import type { Provider } from '@setlist/contracts';
import { NobodyAnswers } from '@setlist/eventlog';
import { lexiconDigests, type MoneySettings, moneyConfig, paidAmong, termsOf } from '@setlist/ingest';
import { loadConfig } from '@setlist/runtime';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { lastRunOf } from '../last-run.ts';
import { type Plan, planLines } from '../output/plan.ts';
import type { Terminal } from '../output/terminal.ts';
import { planMoney } from '../plan-money.ts';
import { comparisonOf, hashesOf, lexiconNames, PLAN_STATES } from '../plan-of-sheet.ts';
import { checkFiles, type Sheet } from '../set-files.ts';
import { listenForStop, type Surroundings } from '../surroundings.ts';
import { dataFolder } from '../system/data-folder.ts';
import { type OpenedLog, openLog } from '../system/open-log.ts';
import { tellRefusals, tellWarnings } from './refuse.ts';
import { type RunOptionFlags, runOptionsOf } from './run-options.ts';

export interface PlanFlags extends Pick<RunOptionFlags, 'fresh' | 'maxUsd'> {
  readonly data: string;
  readonly server?: string;
  readonly provider: Provider;
  readonly compat?: boolean;
  readonly items?: boolean;
  readonly json?: boolean;
}

export async function plan(
  files: readonly string[],
  flags: PlanFlags,
  here: Surroundings,
): Promise<ExitCode> {
  const { terminal, cwd, env } = here;
  const settings = loadConfig(moneyConfig, env);
  const checked = await checkFiles(files, { cwd, compat: flags.compat ?? false });
  tellWarnings(checked, terminal);
  if (checked.refusals.length > 0) {
    tellRefusals(checked, terminal);
    return EXIT.refused;
  }
  using stop = listenForStop(here);
  const place = { data: dataFolder(flags.data, cwd), server: flags.server, command: 'setlist plan' };
  await using opened = await openLog(place);
  let exitCode: ExitCode = EXIT.done;
  for (const sheet of checked.sheets) {
    const made = await planSheet(sheet, flags, { opened, settings, terminal });
    stop.signal.throwIfAborted();
    if (made.problem !== undefined) exitCode = EXIT.refused;
    if (flags.json) terminal.print(JSON.stringify(made));
    else for (const line of planLines(made, flags, terminal.paint)) terminal.print(line);
  }
  return exitCode;
}

interface Knowledge {
  readonly opened: OpenedLog | undefined;
  readonly settings: MoneySettings;
  readonly terminal: Terminal;
}

async function planSheet(
  { set }: Sheet,
  flags: PlanFlags,
  { opened, settings, terminal }: Knowledge,
): Promise<Plan> {
  const { provider } = flags;
  const terms = termsOf(set, runOptionsOf(flags));
  const lexicons = await digestsOf(lexiconNames(set), provider, opened, terminal);
  const paid = opened
    ? await paidAmong(opened.log, hashesOf(set, { provider, lexicons }))
    : new Set<string>();
  const lastRun = opened && (await lastRunOf(opened.log, set));
  const { fresh } = terms;
  const basis = { provider, lexicons, paid, fresh, lastRun, cores: availableParallelism() };
  const { items, toPay, seconds, leftBehind } = comparisonOf(set, basis);
  const money =
    provider === 'polly'
      ? await planMoney(toPay, { set, terms, settings, log: opened?.log })
      : { estimatedUsd: '0.00' };
  const inState = PLAN_STATES.map((state) => [state, items.filter((item) => item.state === state).length]);
  return {
    set: set.name,
    prefix: set.prefix,
    items,
    states: Object.fromEntries(inState),
    billedCharacters: Object.values(toPay).reduce((sum, characters) => sum + characters, 0),
    ...money,
    estimatedSeconds: seconds,
    ...(lastRun && { lastRun: { setId: lastRun.setId, acceptedAt: lastRun.acceptedAt } }),
    leftBehind,
  };
}

/** Only a dispatcher can look into lexicons; where none runs, nothing that names one is known to be paid for. */
async function digestsOf(
  names: ReadonlySet<string>,
  provider: Provider,
  opened: OpenedLog | undefined,
  terminal: Terminal,
): Promise<ReadonlyMap<string, string>> {
  if (names.size === 0) return new Map();
  try {
    if (opened) return await lexiconDigests(opened.log, provider, names);
  } catch (error) {
    if (!(error instanceof NobodyAnswers)) throw error;
  }
  terminal.say(
    'Items that name lexicons count as new: only a running system ("setlist up") can look into them.',
  );
  return new Map();
}
