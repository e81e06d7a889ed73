/** Audio as a waveform: the loudest sample of each stretch, one bar per stretch. */
export const PEAKS = 200;

/** Decoded, each minute takes 10 MB: larger files, of about a quarter of an hour or more, would take too much memory. */
const MOST_BYTES = 5_000_000;

/** Flat for audio that is too long to be decoded as a whole, or that this browser can't decode. */
export async function waveformOf(audio: Blob): Promise<readonly number[]> {
  const samples = audio.size > MOST_BYTES ? undefined : await samplesOf(audio).catch(() => undefined);
  if (!samples) return new Array<number>(PEAKS).fill(0);
  const step = samples.length / PEAKS;
  return Array.from({ length: PEAKS }, (_, at) => {
    let peak = 0;
    const end = Math.min(samples.length, Math.ceil((at + 1) * step));
    for (let sample = Math.floor(at * step); sample < end; sample++) {
      peak = Math.max(peak, Math.abs(samples[sample] ?? 0));
    }
    return peak;
  });
}

async function samplesOf(audio: Blob): Promise<Float32Array> {
  const context = new OfflineAudioContext(1, 1, 44_100);
  return (await context.decodeAudioData(await audio.arrayBuffer())).getChannelData(0);
}

/** Bars around the middle of a box of `PEAKS` by 40; the loudest bar fills its height. */
export function wavePath(peaks: readonly number[]): string {
  const loudest = Math.max(...peaks, 0.01);
  return peaks
    .map((peak, at) => {
      const half = Math.max(0.6, (peak / loudest) * 19);
      return `M${at + 0.15} ${(20 - half).toFixed(1)}h0.7v${(2 * half).toFixed(1)}h-0.7z`;
    })
    .join('');
}
