/** An `AsyncDisposableStack` that knows what it has not released yet, in case a release hangs. */

/** Releases in reverse order of acquisition, like its parent; knows each resource by a name. */
export class ReleaseStack extends AsyncDisposableStack {
  readonly #held: { name: string }[] = [];

  /** Names of what is still held, in the order of release. */
  get held(): string[] {
    return this.#held.map(({ name }) => name).reverse();
  }

  /** Calls `release` when the stack is disposed. */
  deferNamed(name: string, release: () => PromiseLike<void> | void): void {
    const entry = { name };
    super.defer(async () => {
      try {
        await release();
      } finally {
        this.#held.splice(this.#held.indexOf(entry), 1);
      }
    });
    this.#held.push(entry);
  }

  override use<T extends AsyncDisposable | Disposable | null | undefined>(value: T): T {
    if (value === null || value === undefined) return value;
    const release = releaseOf(value);
    this.deferNamed(nameOf(value), () => release.call(value));
    return value;
  }
}

function releaseOf(value: AsyncDisposable | Disposable): () => PromiseLike<void> | void {
  const release = Symbol.asyncDispose in value ? value[Symbol.asyncDispose] : value[Symbol.dispose];
  if (typeof release !== 'function') throw new TypeError(`${nameOf(value)} has no dispose method`);
  return release;
}

/** An object's `Symbol.toStringTag` if it has one, else the name of its class. */
function nameOf(value: unknown): string {
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1);
  if (tag !== 'Object' || typeof value !== 'object' || value === null) return tag;
  const name = value.constructor?.name;
  return name && name !== 'Object' ? name : 'an unnamed resource';
}
