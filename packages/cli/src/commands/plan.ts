/** `setlist plan`: what making set files would cost and take; nothing is spent and nothing changes. */
import { availableParallelism } from 'node:os';
import type { Provider } from '@setlist/contracts';
import { NobodyAnswers } from '@setlist/eventlog';
import { lexiconDigests, paidAmong } from '@setlist/ingest';
import { costOf, PRICES_PER_MILLION } from '@setlist/polly';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { countOf, dollars, duration, grouped } from '../output/figures.ts';
import { table } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { hashesOf, lexiconNames, type Plan, planOf } from '../plan-of-sheet.ts';
import { checkFiles, type Sheet } from '../set-files.ts';
import { listenForStop, type Surroundings } from '../surroundings.ts';
import { dataFolder } from '../system/data-folder.ts';
import { type OpenedLog, openLog } from '../system/open-log.ts';
import { tellRefusals, tellWarnings } from './refuse.ts';

export interface PlanFlags {
  readonly data: string;
  readonly provider: Provider;
  readonly compat?: boolean;
  readonly json?: boolean;
}

const ITEMS_SHOWN = 20;

export async function plan(
  files: readonly string[],
  flags: PlanFlags,
  here: Surroundings,
): Promise<ExitCode> {
  const { terminal, cwd } = here;
  const checked = await checkFiles(files, { cwd, compat: flags.compat ?? false });
  tellWarnings(checked, terminal);
  if (checked.refusals.length > 0) {
    tellRefusals(checked, terminal);
    return EXIT.refused;
  }
  using stop = listenForStop(here);
  await using opened = await openLog({ data: dataFolder(flags.data, cwd), command: 'setlist plan' });
  for (const sheet of checked.sheets) {
    const made = await planSheet(sheet, flags.provider, opened, terminal);
    stop.signal.throwIfAborted();
    if (flags.json) terminal.print(JSON.stringify(made));
    else printPlan(made, flags.provider, terminal);
  }
  return EXIT.done;
}

async function planSheet(
  { set }: Sheet,
  provider: Provider,
  opened: OpenedLog | undefined,
  terminal: Terminal,
): Promise<Plan> {
  const lexicons = await digestsOf(lexiconNames(set), provider, opened, terminal);
  const paid = opened && (await paidAmong(opened.log, hashesOf(set, { provider, lexicons })));
  return planOf(set, { provider, lexicons, paid: paid ?? new Set(), cores: availableParallelism() });
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

function printPlan(made: Plan, provider: Provider, terminal: Terminal): void {
  const { paint } = terminal;
  const { set, prefix, items, billedCharacters, estimatedUsd, estimatedSeconds } = made;
  terminal.print(`${paint.bold(set)} → ${prefix}/`);
  const columns = [
    { title: '#', align: 'right' },
    { title: 'State' },
    { title: 'Engine' },
    { title: 'Voice' },
    { title: 'Characters', align: 'right' },
    { title: 'File' },
  ] as const;
  const rows = items
    .slice(0, ITEMS_SHOWN)
    .map(({ index, state, engine, voice, billedCharacters: characters, file }) => [
      String(index),
      state,
      engine,
      voice,
      grouped(characters),
      file,
    ]);
  for (const line of table(columns, rows, paint.dim)) terminal.print(line);
  if (items.length > ITEMS_SHOWN)
    terminal.print(paint.dim(`and ${grouped(items.length - ITEMS_SHOWN)} more`));
  const cached = items.filter(({ state }) => state === 'cached').length;
  const cost =
    provider === 'local'
      ? `free (by Amazon Polly: about ${dollars(pollyPrice(made))})`
      : dollars(estimatedUsd);
  terminal.print(
    [
      '',
      `Items       ${countOf(items.length, 'item')}: ${grouped(items.length - cached)} new, ${grouped(cached)} cached`,
      `To pay      ${countOf(billedCharacters, 'character')}`,
      `Price       ${cost}`,
      `Time        about ${duration(estimatedSeconds)}${provider === 'polly' ? ', by the default quotas' : ''}`,
    ].join('\n'),
  );
}

const pollyPrice = ({ items }: Plan) =>
  items.reduce(
    (sum, { engine, billedCharacters }) => sum + costOf(billedCharacters, PRICES_PER_MILLION[engine]),
    0n,
  );
