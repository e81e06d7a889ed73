/** Every fault of the channels at once, each with its place and what to do. */
import { Faults } from '@setlist/runtime';

export interface ChannelFault {
  /** `channels.yml:4:7`, or the setting. */
  readonly where: string;
  readonly problem: string;
}

export const channelsFaults = (faults: readonly ChannelFault[]): Faults<ChannelFault> =>
  new Faults('channels', faults, {
    lineOf: ({ where, problem }) => `${where}: ${problem}`,
    remedy:
      'Correct CHANNELS_FILE as each line says, then start again; docs/messages.md shows a channel of every kind.',
  });
