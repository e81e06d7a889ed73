/** Which channels an event goes to. */

export interface Choice<C> {
  readonly chosen: readonly C[];
  /** Names that no channel here has. */
  readonly unknown: readonly string[];
}

/** Those that the set names; all of them where it names none that is known here, so that nobody is left untold. */
export function chooseChannels<C extends { readonly name: string }>(
  wanted: readonly string[],
  channels: readonly C[],
): Choice<C> {
  const named = channels.filter(({ name }) => wanted.includes(name));
  return {
    chosen: named.length > 0 ? named : channels,
    unknown: wanted.filter((want) => !channels.some(({ name }) => name === want)),
  };
}
