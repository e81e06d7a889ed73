/** What is wrong with the channels, all of it at once, each with its place and what to do. */

export interface ChannelFault {
  /** `channels.yml:4:7`, or the setting. */
  readonly where: string;
  readonly problem: string;
}

/** No line of the message holds a secret. */
export class ChannelsError extends Error {
  override readonly name = 'ChannelsError';
  readonly code = 'CHANNELS_INVALID';
  readonly remedy =
    'Correct CHANNELS_FILE as each line says, then start again; docs/messages.md shows a channel of every kind.';
  readonly faults: readonly ChannelFault[];

  constructor(faults: readonly ChannelFault[]) {
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    super(
      [`The channels have ${count}:`, ...faults.map(({ where, problem }) => `  ${where}: ${problem}`)].join(
        '\n',
      ),
    );
    this.faults = faults;
  }
}
