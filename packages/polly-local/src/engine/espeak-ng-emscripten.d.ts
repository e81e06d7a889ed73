/** The part of the engine's untyped module that is used here. */
declare module '@echogarden/espeak-ng-emscripten' {
  export type EspeakEvent = {
    readonly type:
      | 'sentence'
      | 'word'
      | 'mark'
      | 'play'
      | 'end'
      | 'msg_terminated'
      | 'phoneme'
      | 'samplerate';
    /** Milliseconds since the start of the call. */
    readonly audio_position: number;
    /** A mark's name or a phoneme in IPA. */
    readonly id: string | number | undefined;
  };
  export type EspeakWorker = {
    /** Returns 0 if the voice was found; otherwise the previous voice stays. */
    set_voice(name: string): number;
    /** Words a minute. */
    set_rate(rate: number): void;
    /** 0 to 100. */
    set_pitch(pitch: number): void;
    /** Blocks until everything is spoken, or the callback returns true. */
    synthesize(ssml: string, onAudio: (pcm: Int16Array, events: readonly EspeakEvent[]) => boolean): void;
  };
  export type EspeakModule = {
    readonly HEAPU8: Uint8Array;
    readonly eSpeakNGWorker: new () => EspeakWorker;
  };
  export default function load(): Promise<EspeakModule>;
}
