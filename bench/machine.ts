/** What a figure was measured on; a number without it says nothing. */
import { cpus, release, totalmem, type } from 'node:os';

export const machine = () => ({
  cpu: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}`,
  node: process.version,
  broker: 'one nats-server, file storage, default sync interval',
});

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

export const rounded = (value: number, digits = 3): number => Number(value.toFixed(digits));
