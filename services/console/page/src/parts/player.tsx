/** Plays one item in place, with its waveform, on which one can go to any moment by mouse or keyboard. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { post } from '../api/client.ts';
import { audioLength } from './figures.ts';
import { trying } from './notices.tsx';

interface Playing {
  readonly setId: string;
  readonly index: number;
  readonly file: string;
  /** Of the audio, in this browser's memory. */
  readonly url: string;
  readonly peaks: readonly number[];
  readonly durationMs: number;
}

export const playing = signal<Playing | undefined>(undefined);

/** What browsers can decode; the others are for telephones and editors. */
const PLAYABLE = new Set(['mp3', 'ogg_vorbis', 'ogg_opus']);
const PEAKS = 160;

export const isPlayable = (format: string | undefined): boolean =>
  format === undefined || PLAYABLE.has(format);

/** Fetches the item's audio by a link of its own and plays it. */
export async function play(setId: string, index: number): Promise<void> {
  await trying(async () => {
    const { url, file } = await post<{ url: string; file: string }>(
      `/sets/${setId}/items/${index}/audio-link`,
    );
    const audio = await (await fetch(url)).blob();
    const { peaks, durationMs } = await waveformOf(audio);
    stopPlaying();
    playing.value = { setId, index, file, url: URL.createObjectURL(audio), peaks, durationMs };
  });
}

export function stopPlaying(): void {
  if (playing.value) URL.revokeObjectURL(playing.value.url);
  playing.value = undefined;
}

async function waveformOf(audio: Blob): Promise<{ peaks: number[]; durationMs: number }> {
  const context = new OfflineAudioContext(1, 1, 44_100);
  const decoded = await context.decodeAudioData(await audio.arrayBuffer());
  const samples = decoded.getChannelData(0);
  const step = Math.max(1, Math.floor(samples.length / PEAKS));
  const peaks = Array.from({ length: PEAKS }, (_, at) => {
    let peak = 0;
    for (let sample = at * step; sample < Math.min(samples.length, (at + 1) * step); sample++) {
      peak = Math.max(peak, Math.abs(samples[sample] ?? 0));
    }
    return peak;
  });
  return { peaks, durationMs: decoded.duration * 1_000 };
}

export function Player() {
  const now = playing.value;
  const audio = useRef<HTMLAudioElement>(null);
  const place = useRef<SVGRectElement>(null);
  useEffect(() => {
    if (!now) return;
    void audio.current?.play().catch(() => undefined);
    let frame = requestAnimationFrame(function draw() {
      const { currentTime = 0, duration = 0 } = audio.current ?? {};
      place.current?.setAttribute('width', String(duration ? (PEAKS * currentTime) / duration : 0));
      frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, [now]);
  if (!now) return null;
  const seek = (share: number): void => {
    if (audio.current) audio.current.currentTime = share * audio.current.duration;
  };
  return (
    <aside class="player" aria-label="Player">
      <span class="player-name" title={now.file}>
        {now.file.split('/').at(-1)}
      </span>
      <div class="wave">
        <svg
          viewBox={`0 0 ${PEAKS} 40`}
          preserveAspectRatio="none"
          aria-hidden="true"
          onClick={(event) => {
            const { left, width } = event.currentTarget.getBoundingClientRect();
            seek((event.clientX - left) / width);
          }}
        >
          <rect ref={place} class="wave-played" x="0" y="0" width="0" height="40" />
          {now.peaks.map((peak, at) => (
            <rect
              key={at}
              x={at + 0.15}
              width="0.7"
              y={20 - Math.max(0.5, peak * 19)}
              height={Math.max(1, peak * 38)}
            />
          ))}
        </svg>
      </div>
      {/* biome-ignore lint/a11y/useMediaCaption: the text of the item is on the page */}
      <audio ref={audio} src={now.url} controls aria-label={`${now.file}, ${audioLength(now.durationMs)}`} />
      <button type="button" class="quiet" onClick={stopPlaying} aria-label="Close the player">
        ✕
      </button>
    </aside>
  );
}
