/** `setlist adopt`: imports audio that the user already has, under the sets' file names, as sounds nobody pays for. */
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { digestsOf } from '@setlist/admission';
import { countOf, type Provider } from '@setlist/contracts';
import { unlessAborted } from '@setlist/runtime';
import { type Adoption, adopt as adoptSound, inspect, type Offer } from '@setlist/sounds';
import type { ObjectStore } from '@setlist/storage';
import { commandId } from '../../command-id.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { missing, refused } from '../../failure.ts';
import {
  type AdoptedItem,
  type AdoptionItem,
  adoptedJson,
  listAdoptable,
  nameOf,
  printAdopted,
  tellUnnamedEngines,
} from '../../output/adoption.ts';
import { confirm, requireAnswerable } from '../../output/confirm.ts';
import { type Checked, checkFiles } from '../../set-files/check.ts';
import { listenForStop } from '../../stopping.ts';
import type { Surroundings } from '../../surroundings.ts';
import { type LogPlace, logPlace, type OpenedLog, openLog } from '../../system/open-log.ts';
import { canonicalStore, type StoreFlags, storeNamed, storesFrom } from '../stores.ts';
import { tellRefusals, tellWarnings } from '../tell-refusals.ts';
import { adoptionOf } from './adoption.ts';
import { offeredSounds, takeAll } from './take-offers.ts';

const DRY_RUN_FIRST = 'Run the same command with --dry-run first, which shows the list, then with --yes.';

export interface AdoptFlags extends StoreFlags {
  readonly data: string;
  readonly provider?: Provider;
  readonly compat?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export async function adopt(
  from: string,
  files: readonly string[],
  flags: AdoptFlags,
  here: Surroundings,
): Promise<ExitCode> {
  const { terminal, cwd } = here;
  const checked = await checkFiles(files, { cwd, compat: flags.compat ?? false, mayShare: true });
  tellWarnings(checked, terminal);
  if (checked.refusals.length > 0) {
    tellRefusals(checked, terminal);
    return EXIT.refused;
  }
  const source = sourceAt(from, here);
  if (!flags.dryRun && !flags.yes) requireAnswerable(here, 'adopt audio', DRY_RUN_FIRST);
  using stop = listenForStop(here, () => sayStopped(here));
  await using stack = new AsyncDisposableStack();
  const place = logPlace(flags, here, 'setlist adopt', stop.signal);
  const store = canonicalStore(flags, place.data, here);
  const found = stack.use((await openLog(place)) ?? null) ?? undefined;
  const provider = providerOf(flags, found);
  tellUnnamedEngines(checked.setFiles, terminal);
  const items = await unlessAborted(itemsOf({ source, provider, found, checked, store }, here), stop.signal);
  if (!flags.json) listAdoptable(items, terminal);
  const offered = offeredSounds(items);
  requireAny(items, offered.size, from);
  const isAsked = offered.size > 0 && !flags.dryRun && !flags.yes;
  if (isAsked && !(await isWanted(offered.size, provider, here, stop.signal))) {
    terminal.say('Nothing was adopted.');
    return EXIT.cancelled;
  }
  let take = (offer: Offer) => inspect(found && { log: found.log, store }, offer);
  if (!flags.dryRun && offered.size > 0) {
    const log = (found ?? stack.use(await newLog(place))).log;
    const adopter = { log, store, by: commandId() };
    await store.check();
    take = (offer) => adoptSound(adopter, offer);
  }
  return await adoptAll(items, { offered, take, flags, signal: stop.signal }, here);
}

interface Adopting {
  readonly offered: ReadonlyMap<string, readonly AdoptionItem[]>;
  readonly take: (offer: Offer) => Promise<Adoption>;
  readonly flags: AdoptFlags;
  readonly signal: AbortSignal;
}

/** Says what was adopted whatever ends it, since that stays adopted. @throws the signal's reason */
async function adoptAll(
  items: readonly AdoptionItem[],
  { offered, take, flags, signal }: Adopting,
  here: Surroundings,
): Promise<ExitCode> {
  const done = new Map<AdoptionItem, AdoptedItem>();
  try {
    await takeAll(offered, take, done, { here, signal });
  } finally {
    here.terminal.clear();
    tell(items, done, flags, here);
  }
  signal.throwIfAborted();
  return [...done.values()].some(({ outcome }) => outcome === 'unusable') ? EXIT.someFailed : EXIT.done;
}

/** The folder or bucket with the user's audio. @throws CommandFailed (2) if it can't be one, or the folder is missing */
function sourceAt(place: string, here: Surroundings): ObjectStore {
  const source = storesFrom(here)(storeNamed('the place', place, here.cwd));
  if (source.uri.startsWith('file:') && !existsSync(new URL(source.uri))) {
    throw refused(
      `there is no folder ${fileURLToPath(source.uri)}`,
      'Name the folder or bucket that has the audio.',
    );
  }
  return source;
}

/** Without a system that names its provider, the user must: the same words by another provider are another sound. */
function providerOf({ provider }: AdoptFlags, opened: OpenedLog | undefined): Provider {
  const said = provider ?? opened?.system?.provider;
  if (said !== undefined) return said;
  throw refused(
    "say who made this audio: otherwise its sounds can't be identified",
    'Add --provider polly if Amazon Polly made it or will make what is missing, --provider local for the local engine.',
  );
}

async function itemsOf(
  {
    source,
    provider,
    found,
    checked,
    store,
  }: {
    source: ObjectStore;
    provider: Provider;
    found: OpenedLog | undefined;
    checked: Checked;
    store: ObjectStore;
  },
  here: Surroundings,
): Promise<AdoptionItem[]> {
  const sets = checked.setFiles.map(({ set }) => set);
  const names = new Set(sets.flatMap((set) => set.items.flatMap(({ lexicons }) => lexicons)));
  const lexicons = await digestsOf(names, provider, found?.log);
  if (lexicons === undefined)
    here.terminal.say(
      'Items that name lexicons can’t be adopted: only a running system ("setlist up") can read lexicons.',
    );
  return adoptionOf(sets, {
    source,
    provider,
    lexicons: lexicons ?? new Map(),
    log: found?.log,
    store,
  });
}

function requireAny(items: readonly AdoptionItem[], offered: number, from: string): void {
  if (offered > 0 || items.some(({ state }) => state !== 'absent')) return;
  const [first] = items;
  throw refused(
    `there is no audio under the names of ${items.length === 1 ? 'this item' : 'these sets'} in ${from}`,
    `Name the folder or bucket that contains ${first?.file ?? 'the set’s prefix'}.`,
  );
}

async function isWanted(
  sounds: number,
  provider: Provider,
  here: Surroundings,
  signal: AbortSignal,
): Promise<boolean> {
  here.terminal.say(
    "Setlist can't check that the audio says the text; that is up to you. It will be reused wherever a set asks for this text by this voice.",
  );
  return confirm(here, `Adopt ${countOf(sounds, 'sound')} as made by ${nameOf(provider)}?`, signal);
}

async function newLog(place: LogPlace): Promise<OpenedLog> {
  mkdirSync(place.data.broker, { recursive: true });
  const opened = await openLog(place);
  if (opened) return opened;
  throw missing(`${place.data.broker} was removed meanwhile`, 'Run the command again.');
}

function tell(
  items: readonly AdoptionItem[],
  done: ReadonlyMap<AdoptionItem, AdoptedItem>,
  { json, dryRun = false }: AdoptFlags,
  { terminal }: Surroundings,
): void {
  const all = items.flatMap((item): AdoptedItem[] => {
    const taken = done.get(item);
    if (taken) return [taken];
    return item.state === 'adoptable' ? [] : [{ item, outcome: item.state }];
  });
  if (json) for (const each of all) terminal.print(adoptedJson(each));
  else printAdopted(all, terminal, dryRun);
}

function sayStopped({ terminal }: Surroundings): void {
  terminal.clear();
  terminal.say('Stopping: what was adopted stays adopted. Run the command again for the rest.');
}
