/** What events say, whole and valid: a test names what it cares about, and the rest is filled in. */
import type { EventData, Sound } from '@setlist/contracts';

const HASH = 'a'.repeat(64);
/** The billed characters of an item. */
const CHARACTERS = 100;

/** What a sound depends on. */
export const soundOf = (changes: Partial<Sound> = {}): Sound => ({
  provider: 'local',
  engine: 'neural',
  voice: 'Joanna',
  format: 'mp3',
  sampleRate: 24_000,
  textType: 'text',
  text: 'Call me Ishmael.',
  lexicons: [],
  speechMarks: [],
  ...changes,
});

type Accepted = EventData<'SetAccepted'>;
/** The data of SetAccepted; its lanes and billed characters follow from `itemCount` if they aren't given. */
export function acceptedData(changes: Partial<Accepted> = {}): Accepted {
  const { itemCount = 1 } = changes;
  const { lanes = [{ lane: 'neural', items: itemCount, billedCharacters: itemCount * CHARACTERS }] } =
    changes;
  return {
    run: '20260105t090000-k3f9q2',
    set: { name: 'a-set', location: '/out/a-set', notify: [] },
    source: { uri: 'file:///inbox/a-set.yml', sha256: HASH, bytes: 1_000, keptAs: 'sets/a.yml' },
    prefix: 'a-set',
    output: 'file:///out',
    provider: 'local',
    itemCount,
    lanes,
    billedCharacters: lanes.reduce((sum, lane) => sum + lane.billedCharacters, 0),
    estimatedUsd: '0.01',
    usdPerMillion: { neural: '16.00' },
    priority: 'normal',
    compat: false,
    warnings: 0,
    ...changes,
  };
}

const itemOf = (index: number) =>
  ({ index, attempt: 1, lane: 'neural', file: `a-set/item-${index}.mp3`, hash: HASH }) as const;

type Requested = EventData<'ItemRequested'>;
/** The data of ItemRequested. */
export const requestedData = (changes: Partial<Requested> = {}): Requested => ({
  ...itemOf(changes.index ?? 0),
  sound: soundOf(),
  billedCharacters: CHARACTERS,
  operation: 'synthesize',
  ...changes,
});

type Completed = EventData<'ItemCompleted'>;
/** The data of ItemCompleted, by default of an item that was paid for; any other spares its characters. */
export function completedData(changes: Partial<Completed> = {}): Completed {
  const { how = 'paid' } = changes;
  return {
    ...itemOf(changes.index ?? 0),
    how,
    billedCharacters: how === 'paid' ? CHARACTERS : 0,
    sparedCharacters: how === 'paid' ? 0 : CHARACTERS,
    bytes: 4_096,
    sha256: HASH,
    durationMs: 1_200,
    ...changes,
  };
}
