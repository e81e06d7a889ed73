/** Plays one item in place, with its waveform, in which mouse, touch or keyboard can seek. */
import { signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { post, refusalIn } from '../api/client.ts';
import type { AudioLink } from '../api/types.ts';
import { isChord } from './chord.ts';
import { audioLength } from './figures.ts';
import { Icon } from './icon.tsx';
import { say, trying } from './notices.tsx';
import { PEAKS, waveformOf, wavePath } from './waveform.ts';

interface Playing {
  /** Empty for audio that belongs to no set. */
  readonly setId: string;
  readonly index: number;
  readonly title: string;
  readonly of: string;
  /** An object URL of the audio. */
  readonly url: string;
  readonly wave: string;
}

export const playing = signal<Playing | undefined>(undefined);
/** Whether it is playing. */
export const isSounding = signal(false);
const placeMs = signal(0);
/** 0 until it is known. */
const lengthMs = signal(0);

/** Formats that browsers can decode; the others are for telephony and editing. */
const PLAYABLE = new Set(['mp3', 'ogg_vorbis', 'ogg_opus']);
const STEP_S = 1;

export const isPlayable = (format: string | undefined): boolean =>
  format === undefined || PLAYABLE.has(format);

export interface Sound {
  readonly audio: Blob;
  readonly about: Pick<Playing, 'setId' | 'index' | 'title' | 'of'>;
}

/** Counts play requests, so that only the latest one plays. */
let asked = 0;

/** Fetches and plays audio, unless another request came since; shows a notice if it is refused. */
export async function playFetched(fetched: () => Promise<Sound | undefined>): Promise<void> {
  const mine = ++asked;
  await trying(async () => {
    const { audio, about } = (await fetched()) ?? {};
    if (!audio || !about) return;
    const wave = wavePath(await waveformOf(audio));
    if (mine !== asked) return;
    stopPlaying();
    placeMs.value = 0;
    lengthMs.value = 0;
    playing.value = { ...about, url: URL.createObjectURL(audio), wave };
  });
}

/** Requests a link to the item's audio, then fetches and plays it. */
export const play = (setId: string, index: number): Promise<void> =>
  playFetched(async () => {
    const link = `/sets/${setId}/items/${index}/audio-link`;
    const { url, file } = await post<AudioLink>(link);
    const [title = file] = file.split('/').slice(-1);
    // S3 allows only the pages that its CORS rules name. For others the audio comes through the console, which can also
    // say what is wrong.
    const direct = await fetch(url).catch(() => undefined);
    const answer = direct?.ok ? direct : await fetch((await post<AudioLink>(`${link}?through=console`)).url);
    if (!answer.ok) throw await refusalIn(answer);
    return { audio: await answer.blob(), about: { setId, index, title, of: `item ${index}` } };
  });

function stopPlaying(): void {
  if (playing.value) URL.revokeObjectURL(playing.value.url);
  playing.value = undefined;
  isSounding.value = false;
}

const element = (): HTMLAudioElement | null => document.querySelector('.player audio');

export function togglePlaying(): void {
  const audio = element();
  if (audio?.paused) void audio.play().catch(() => undefined);
  else audio?.pause();
}

export function Player() {
  const now = playing.value;
  const audio = useRef<HTMLAudioElement>(null);
  useSounding(audio, now);
  if (!now) return null;
  const seek = (seconds: number): void => {
    if (!audio.current) return;
    audio.current.currentTime = Math.max(0, Math.min(lengthMs.value / 1_000, seconds));
    placeMs.value = audio.current.currentTime * 1_000;
  };
  return (
    <aside class="player" aria-label="Player">
      <button
        type="button"
        class="main icon-only"
        aria-label={isSounding.value ? 'Pause' : 'Play'}
        onClick={togglePlaying}
      >
        <Icon name={isSounding.value ? 'pause' : 'play'} />
      </button>
      <span class="player-name">
        <span title={now.title} dir="auto">
          {now.title}
        </span>
        <span class="hint small">{now.of}</span>
      </span>
      <Wave now={now} seek={seek} />
      <span class="player-time">
        {audioLength(placeMs.value)} / {audioLength(lengthMs.value)}
      </span>
      <button type="button" class="quiet icon-only" onClick={stopPlaying} aria-label="Close the player">
        <Icon name="close" />
      </button>
      {/* biome-ignore lint/a11y/useMediaCaption: the text of the item is on the page */}
      <audio
        ref={audio}
        src={now.url}
        onPlay={() => (isSounding.value = true)}
        onPause={() => (isSounding.value = false)}
        onEnded={() => (isSounding.value = false)}
        onDurationChange={({ currentTarget: { duration } }) => {
          if (Number.isFinite(duration)) lengthMs.value = duration * 1_000;
        }}
        onError={() => {
          say(`${now.title} can’t be played here: this browser can’t decode it.`, 'refused');
          stopPlaying();
        }}
      />
    </aside>
  );
}

/** Plays the fetched audio, and tracks its position. */
function useSounding(audio: RefObject<HTMLAudioElement | null>, now: Playing | undefined): void {
  useEffect(() => {
    if (now) void audio.current?.play().catch(() => undefined);
  }, [now]);
  useEffect(() => {
    if (!isSounding.value) return;
    let frame = requestAnimationFrame(function draw() {
      placeMs.value = (audio.current?.currentTime ?? 0) * 1_000;
      frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, [isSounding.value]);
}

function Wave({ now, seek }: { now: Playing; seek(seconds: number): void }) {
  const seconds = lengthMs.value / 1_000;
  const share = lengthMs.value > 0 ? Math.min(1, placeMs.value / lengthMs.value) : 0;
  const toPointer = (event: PointerEvent): void => {
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    seek(((event.clientX - left) / width) * seconds);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isChord(event)) return;
    const at = placeMs.value / 1_000;
    if (event.key === 'ArrowRight' || event.key === 'ArrowUp') seek(at + STEP_S);
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowDown') seek(at - STEP_S);
    else if (event.key === 'Home') seek(0);
    else if (event.key === 'End') seek(seconds);
    else if (event.key === ' ' || event.key === 'Enter') togglePlaying();
    else return;
    event.preventDefault();
  };
  return (
    <div
      class="wave"
      role="slider"
      tabIndex={0}
      aria-label="Place in the audio"
      aria-valuemin={0}
      aria-valuemax={Math.round(lengthMs.value)}
      aria-valuenow={Math.round(placeMs.value)}
      aria-valuetext={`${audioLength(placeMs.value)} of ${audioLength(lengthMs.value)}`}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        toPointer(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) toPointer(event);
      }}
    >
      <svg viewBox={`0 0 ${PEAKS} 40`} preserveAspectRatio="none" aria-hidden="true">
        <clipPath id="played">
          <rect width={share * PEAKS} height="40" />
        </clipPath>
        <path d={now.wave} />
        <path class="wave-played" d={now.wave} clip-path="url(#played)" />
      </svg>
    </div>
  );
}
