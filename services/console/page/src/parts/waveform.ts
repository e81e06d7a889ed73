/** Audio as a waveform: the loudest sample of each stretch, one bar per stretch. */
export const PEAKS = 200;

/** Throws a `DOMException` if this browser can't decode the audio. */
export async function waveformOf(audio: Blob): Promise<{ peaks: readonly number[]; durationMs: number }> {
  const context = new OfflineAudioContext(1, 1, 44_100);
  const decoded = await context.decodeAudioData(await audio.arrayBuffer());
  const samples = decoded.getChannelData(0);
  const step = samples.length / PEAKS;
  const peaks = Array.from({ length: PEAKS }, (_, at) => {
    let peak = 0;
    const end = Math.min(samples.length, Math.ceil((at + 1) * step));
    for (let sample = Math.floor(at * step); sample < end; sample++) {
      peak = Math.max(peak, Math.abs(samples[sample] ?? 0));
    }
    return peak;
  });
  return { peaks, durationMs: decoded.duration * 1_000 };
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
