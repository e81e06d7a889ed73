/** Shows which stored audio could be removed, to people and to scripts. */
import { countOf, dollars, grouped } from '@setlist/contracts';
import { costOf, formatUsd, PRICES_PER_MILLION, type Usd } from '@setlist/polly';
import type { LeftOver, Removal, Survey, UnusedSound } from '@setlist/sounds';
import { localTime } from './text/local-time.ts';
import { size } from './text/sizes.ts';
import { table } from './text/table.ts';
import type { Terminal } from './text/terminal.ts';

export interface Collectable extends Survey {
  /** Audio that tasks wrote and that has long since been stored as its sound. */
  readonly taskLeftOvers: readonly LeftOver[];
}

const SOUNDS_SHOWN = 20;
const SETS_NAMED = 3;

export const bytesOf = (objects: readonly { readonly bytes: number }[]): number =>
  objects.reduce((sum, { bytes }) => sum + bytes, 0);

/** The list price of making a sound again; 0 if the local engine made it, or if no set of this log used it. */
function remakingUsd({ lastUse, lane }: UnusedSound): Usd {
  if (lastUse?.provider !== 'polly') return 0n;
  return costOf(lastUse.billedCharacters, PRICES_PER_MILLION[lane]);
}

const costOfAll = (unused: readonly UnusedSound[]): Usd =>
  unused.reduce((sum, sound) => sum + remakingUsd(sound), 0n);

export function printCollectable(found: Collectable, unusedFor: string, terminal: Terminal): void {
  const { stored, unused, leftOvers, taskLeftOvers, strangers } = found;
  if (unused.length > 0) printUnused(unused, terminal);
  const rows: [string, string][] = [
    ['Stored', `${countOf(stored.count, 'sound')}, ${size(stored.bytes)}`],
    ['Unused', unusedWords(unused, unusedFor)],
  ];
  const rest = [...leftOvers, ...taskLeftOvers];
  if (rest.length > 0)
    rows.push(['Left over', `${countOf(rest.length, 'file')} from crashes, ${size(bytesOf(rest))}`]);
  if (strangers.length > 0) {
    const words = `${countOf(strangers.length, 'file')} that this log does not know, ${size(bytesOf(strangers))}; never removed here`;
    rows.push(['Unknown', words]);
  }
  for (const [title, words] of rows) terminal.print(`${title.padEnd(12)}${words}`);
}

function unusedWords(unused: readonly UnusedSound[], unusedFor: string): string {
  if (unused.length === 0)
    return `nothing: every sound was used in the last ${unusedFor}, or is still needed`;
  const cost = costOfAll(unused);
  const free = unused.every(({ lastUse }) => lastUse) ? ', free to make again' : '';
  const again = cost === 0n ? free : `, about ${dollars(cost)} to make again`;
  return `${countOf(unused.length, 'sound')} for ${unusedFor} or longer, ${size(bytesOf(unused))}${again}`;
}

function printUnused(unused: readonly UnusedSound[], { print, paint }: Terminal): void {
  const columns = [
    { title: 'Last used' },
    { title: 'Size', align: 'right' },
    { title: 'Again', align: 'right' },
    { title: 'Engine' },
    { title: 'As' },
  ] as const;
  const rows = unused
    .slice(0, SOUNDS_SHOWN)
    .map((sound) => [
      localTime(new Date(sound.lastUsedAt).toISOString()),
      size(sound.bytes),
      sound.lastUse?.provider === 'polly' ? dollars(remakingUsd(sound)) : '',
      sound.lane,
      sound.lastUse?.file ?? 'no set of this log',
    ]);
  for (const line of table(columns, rows, paint.dim)) print(line);
  if (unused.length > SOUNDS_SHOWN) print(paint.dim(`and ${grouped(unused.length - SOUNDS_SHOWN)} more`));
  print('');
}

/** Prints a line of JSON for each object, and one summary. */
export function printCollectableJson(found: Collectable, { print }: Terminal): void {
  const { stored, unused, unasked, leftOvers, taskLeftOvers, strangers } = found;
  for (const sound of unused) {
    const { key, hash, bytes, lane, lastUsedAt, lastUse } = sound;
    const estimatedUsd = formatUsd(remakingUsd(sound));
    const lastUsed = new Date(lastUsedAt).toISOString();
    print(
      JSON.stringify({ kind: 'unused', key, hash, bytes, engine: lane, lastUsed, ...lastUse, estimatedUsd }),
    );
  }
  const others = { 'left-over': leftOvers, 'task-left-over': taskLeftOvers, unknown: strangers } as const;
  for (const [kind, objects] of Object.entries(others)) {
    for (const { key, hash, bytes } of objects) print(JSON.stringify({ kind, key, hash, bytes }));
  }
  print(
    JSON.stringify({
      kind: 'summary',
      stored,
      unused: { count: unused.length, bytes: bytesOf(unused), estimatedUsd: formatUsd(costOfAll(unused)) },
      unasked,
      leftOver: {
        count: leftOvers.length + taskLeftOvers.length,
        bytes: bytesOf([...leftOvers, ...taskLeftOvers]),
      },
      unknown: { count: strangers.length, bytes: bytesOf(strangers) },
    }),
  );
}

/** Says why unused sounds stay for now, and what to do. */
export function waitingWords(unasked: readonly string[]): string {
  const more = unasked.length > SETS_NAMED ? ` and ${countOf(unasked.length - SETS_NAMED, 'more set')}` : '';
  const sets = `${unasked.slice(0, SETS_NAMED).join(', ')}${more}`;
  return `No unused sound is removed for now: ingest has not yet requested all items of ${sets}, which may need any of them. Check that ingest runs, wait until it is done, and run this again.`;
}

/** Says what was removed, what was kept because a set needs it again, and what was removed just as it was paid for. */
export function printRemoved(removals: readonly Removal[], json: boolean, { print }: Terminal): void {
  const removed = removals.filter(({ did }) => did !== 'kept');
  const kept = removals.length - removed.length;
  const crossed = removed.filter(({ did }) => did === 'crossed').length;
  const bytes = bytesOf(removed);
  if (json) {
    print(JSON.stringify({ kind: 'removed', count: removed.length, bytes, kept, crossed }));
    return;
  }
  print(`Removed ${countOf(removed.length, 'file')}, ${size(bytes)}.`);
  if (kept > 0)
    print(
      `${countOf(kept, 'file')} kept: sets have requested ${kept === 1 ? 'it' : 'them'} meanwhile, or still may.`,
    );
  if (crossed > 0)
    print(
      `${grouped(crossed)} of the removed files ${crossed === 1 ? 'was' : 'were'} paid for at the same moment: the next set that needs the sound pays for it again.`,
    );
}
