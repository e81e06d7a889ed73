/** Makes espeak deterministic by restoring its heap to the same state before every call. */
import load, { type EspeakEvent } from '@echogarden/espeak-ng-emscripten';

/** espeak's sample rate, in Hz. */
export const ESPEAK_RATE = 22_050;
const WORDS_PER_MINUTE = 175;

/** The longest string, in bytes: the binding's string buffer would corrupt the heap if it grew after the snapshot. */
const STRING_BYTES = 128 * 1024;

export type EspeakVoice = {
  /** espeak's identifier with a variant: `gmw/en-US+f2`. */
  readonly name: string;
  /** 0 to 100; 50 is the voice's own. */
  readonly pitch: number;
};

export type Rendered = {
  /** Signed 16-bit samples at ESPEAK_RATE, one channel. */
  readonly pcm: Int16Array;
  /** The time in ms at which each `<mark>` of the markup was reached, by its name. */
  readonly markTimes: ReadonlyMap<string, number>;
  /** In IPA; empty for silence. */
  readonly phonemes: readonly { readonly ms: number; readonly ipa: string }[];
};

export type Espeak = {
  /**
   * Blocks; ends early, with the result so far, once `isCancelled` returns true.
   * @throws RangeError for an unknown voice or markup of more than 128 KB.
   */
  render(markup: string, voice: EspeakVoice, isCancelled?: () => boolean): Rendered;
  /** Whether espeak has the voice. It silently accepts an unknown variant, so the caller must check that. */
  knows(voiceName: string): boolean;
};

export async function loadEspeak(): Promise<Espeak> {
  const { module, worker } = await startFrozenInTime();
  const pristine = module.HEAPU8.slice();
  /** The heap just after a voice was selected: loading a voice takes longer than restoring a heap. */
  const selected = { name: '', heap: new Uint8Array(pristine.length) };

  const restore = (heap: Uint8Array) => {
    module.HEAPU8.set(heap);
    // The heap may have grown: the part past the snapshot must read as fresh memory.
    module.HEAPU8.fill(0, heap.length);
  };
  const select = (name: string): boolean => {
    if (name === selected.name) {
      restore(selected.heap);
      return true;
    }
    restore(pristine);
    if (Buffer.byteLength(name) >= STRING_BYTES || worker.set_voice(name) !== 0) return false;
    if (module.HEAPU8.length === pristine.length) {
      selected.heap.set(module.HEAPU8);
      selected.name = name;
    }
    return true;
  };

  return {
    knows: select,
    render(markup, voice, isCancelled = () => false) {
      if (Buffer.byteLength(markup) >= STRING_BYTES)
        throw new RangeError('A word with its markup is longer than 128 KB');
      if (!select(voice.name)) throw new RangeError(`espeak has no voice ${voice.name}`);
      worker.set_rate(WORDS_PER_MINUTE);
      worker.set_pitch(voice.pitch);
      const chunks: Int16Array[] = [];
      const events: EspeakEvent[] = [];
      worker.synthesize(markup, (pcm, heard) => {
        chunks.push(pcm);
        events.push(...heard);
        return isCancelled();
      });
      return { pcm: joined(chunks), ...timesOf(events) };
    },
  };
}

/** Starts espeak with a frozen clock, which seeds its noise, and grows the string buffer before the snapshot. */
async function startFrozenInTime() {
  const realNow = Date.now;
  Date.now = () => 0;
  try {
    const module = await load();
    const worker = new module.eSpeakNGWorker();
    worker.set_voice('x'.repeat(STRING_BYTES));
    worker.set_voice('gmw/en-US');
    worker.synthesize('ready', () => false);
    return { module, worker };
  } finally {
    Date.now = realNow;
  }
}

function timesOf(events: readonly EspeakEvent[]): Pick<Rendered, 'markTimes' | 'phonemes'> {
  const markTimes = new Map<string, number>();
  const phonemes: { ms: number; ipa: string }[] = [];
  for (const { type, id, audio_position: ms } of events) {
    if (type === 'mark') markTimes.set(String(id), ms);
    // "(en)" switches to another language's rules, and is not a sound.
    else if (type === 'phoneme' && !String(id ?? '').startsWith('('))
      phonemes.push({ ms, ipa: String(id ?? '') });
  }
  return { markTimes, phonemes };
}

function joined(chunks: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
