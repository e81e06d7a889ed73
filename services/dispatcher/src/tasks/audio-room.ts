/** Room in memory for tasks' audio, which is read whole: what doesn't fit waits in its bucket or in the store. */
import { Slots } from '@setlist/runtime';

const PLACES = 4;
/** Three hours of mp3 at 48 kbit/s, or 35 minutes of pcm at 16 kHz. */
const PLACE_BYTES = 64 * 1024 ** 2;

export class AudioRoom {
  readonly #places = new Slots(PLACES);
  /** The turn to take places: so no two wait for each other with some of what both need. */
  readonly #taking = new Slots(1);

  /** How many takers wait, including one that has some of its places. */
  get waiting(): number {
    return this.#taking.waiting + this.#places.waiting;
  }

  /** Takes as many places as so many bytes fill; audio that is larger than all of them is alone. Held until disposed. */
  async take(bytes: number, signal: AbortSignal): Promise<Disposable> {
    using _turn = await this.#taking.take(signal);
    using taken = new DisposableStack();
    const needed = Math.min(PLACES, Math.max(1, Math.ceil(bytes / PLACE_BYTES)));
    for (let count = 0; count < needed; count++) taken.use(await this.#places.take(signal));
    return taken.move();
  }
}
