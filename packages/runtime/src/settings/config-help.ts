/** The text of `--help`: a service has no options, only settings. */
import type { z } from 'zod';
import { describeConfig, type SettingDescription } from './config.ts';

/** The settings of a service with their meanings and defaults, as text for a terminal. */
export function configHelp(service: string, schema: z.ZodObject): string {
  const settings = describeConfig(schema);
  const width = Math.max(...settings.map(({ name }) => name.length));
  const lines = settings.map((setting) => `  ${setting.name.padEnd(width)}  ${meaning(setting)}`);
  return [`${service} takes its settings from environment variables:`, '', ...lines, ''].join('\n');
}

function meaning({ description, required, secret, default: preset }: SettingDescription): string {
  const traits = [
    required ? 'required' : '',
    secret ? 'secret' : '',
    preset === undefined ? '' : `default ${preset}`,
  ].filter(Boolean);
  return traits.length === 0 ? description : `${description} (${traits.join(', ')})`;
}
