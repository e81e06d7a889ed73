/** Counts calls and billed characters, so that a test can tell how often each sound was paid for. */
import { hash } from 'node:crypto';

const OUTCOMES = ['ok', 'refused', 'throttled', 'failed', 'cut', 'aborted'] as const;
/**
 * `refused`: the caller's fault (4xx); `failed`: ours (5xx); `cut`: the audio was ended half way, on purpose;
 * `aborted`: the caller disconnected before the reply was complete.
 */
export type Outcome = (typeof OUTCOMES)[number];

type CallCounts = Record<Outcome, number> & {
  billedCharacters: number;
  /** The most calls in any one second, with and without those that were throttled. */
  peakPerSecond: number;
  peakAdmittedPerSecond: number;
  inFlight: number;
  peakInFlight: number;
};

export type Sound = {
  readonly text: string;
  readonly voice: string;
  readonly engine: string;
  readonly format: string;
};

export type StatsReport = {
  readonly since: string;
  readonly billedCharacters: number;
  readonly throttled: number;
  readonly tasksStarted: number;
  /** By operation, with the engine if it has one: `SynthesizeSpeech/neural`. */
  readonly calls: Readonly<Record<string, CallCounts>>;
  /** How often each of the remembered sounds was paid for and delivered whole, by `soundKey`. */
  readonly sounds?: Readonly<Record<string, number>>;
  /** How often each was paid for although its reply was cut, or its caller had disconnected. */
  readonly lostSounds?: Readonly<Record<string, number>>;
};

export type CallStats = {
  /** @returns a function that must be called when the call ends. */
  begin(name: string): (outcome: Outcome) => void;
  /** A call got past the quotas. */
  admitted(name: string): void;
  /** A call was billed; `lost` if its reply never arrived whole. */
  paid(name: string, characters: number, sound: Sound, lost: boolean): void;
  taskStarted(): void;
  report(withSounds: boolean): StatsReport;
};

/** The SHA-256, in hex, of text, voice, engine and format with a NUL between each. */
function soundKey({ text, voice, engine, format }: Sound): string {
  return hash('sha256', [text, voice, engine, format].join('\0'));
}

type Tally = { counts: CallCounts; arrivals: SlidingSecond; admissions: SlidingSecond };

/** The most sounds that are remembered, so that an engine can run for months. */
const MOST_SOUNDS = 100_000;

/**
 * @param nowMs wall clock
 * @param mostSounds how many are remembered; the ones first paid for longest ago are dropped
 */
export function createCallStats(nowMs: () => number, mostSounds = MOST_SOUNDS): CallStats {
  const since = new Date(nowMs()).toISOString();
  const tallies = new Map<string, Tally>();
  const sounds = new Map<string, number>();
  const lostSounds = new Map<string, number>();
  let tasksStarted = 0;

  const tallyOf = (name: string): Tally => {
    const known = tallies.get(name);
    if (known) return known;
    const tally = { counts: noCalls(), arrivals: createSlidingSecond(), admissions: createSlidingSecond() };
    tallies.set(name, tally);
    return tally;
  };

  return {
    begin(name) {
      const { counts, arrivals } = tallyOf(name);
      counts.peakPerSecond = Math.max(counts.peakPerSecond, arrivals.add(nowMs()));
      counts.inFlight += 1;
      counts.peakInFlight = Math.max(counts.peakInFlight, counts.inFlight);
      return (outcome) => {
        counts.inFlight -= 1;
        counts[outcome] += 1;
      };
    },
    admitted(name) {
      const { counts, admissions } = tallyOf(name);
      counts.peakAdmittedPerSecond = Math.max(counts.peakAdmittedPerSecond, admissions.add(nowMs()));
    },
    paid(name, characters, sound, lost) {
      tallyOf(name).counts.billedCharacters += characters;
      const counted = lost ? lostSounds : sounds;
      addOne(counted, soundKey(sound));
      if (counted.size > mostSounds) for (const oldest of counted.keys().take(1)) counted.delete(oldest);
    },
    taskStarted() {
      tasksStarted += 1;
    },
    report: (withSounds) => ({
      since,
      billedCharacters: sumOf(tallies, 'billedCharacters'),
      throttled: sumOf(tallies, 'throttled'),
      tasksStarted,
      calls: Object.fromEntries([...tallies].map(([name, { counts }]) => [name, { ...counts }])),
      ...(withSounds && { sounds: Object.fromEntries(sounds), lostSounds: Object.fromEntries(lostSounds) }),
    }),
  };
}

const sumOf = (tallies: ReadonlyMap<string, Tally>, what: 'billedCharacters' | 'throttled'): number =>
  tallies.values().reduce((sum, { counts }) => sum + counts[what], 0);

function addOne(counted: Map<string, number>, key: string): void {
  counted.set(key, (counted.get(key) ?? 0) + 1);
}

function noCalls(): CallCounts {
  return {
    ...(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>),
    billedCharacters: 0,
    peakPerSecond: 0,
    peakAdmittedPerSecond: 0,
    inFlight: 0,
    peakInFlight: 0,
  };
}

type SlidingSecond = { add(atMs: number): number };

/** Counts the events within the second that ends with the newest one. */
function createSlidingSecond(): SlidingSecond {
  let moments: number[] = [];
  let first = 0;
  return {
    add(atMs) {
      moments.push(atMs);
      while ((moments[first] ?? atMs) <= atMs - 1000) first += 1;
      if (first > 10_000) {
        moments = moments.slice(first);
        first = 0;
      }
      return moments.length - first;
    },
  };
}
