import type { Run } from '../../../main/api/contract.ts';
import type { Client } from '../transport/client.ts';

/** As RFC 4180 has it: quoted where it has to be. */
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A line for each value that is stored of these runs, not for what a chart draws of them. One run after the other, as they may be long. */
export const storedValues = async (
  client: Client,
  runs: readonly Run[],
  metrics: readonly string[],
): Promise<string> => {
  const lines = ['run,metric,step,value'];
  for (const { id, configuration } of runs)
    for (const name of metrics) {
      const start = `${cell(configuration.name)},${cell(name)}`;
      const stored = await client.call('runs.metrics', { id, name });
      for (const { step, value } of stored) lines.push(`${start},${step},${value}`);
    }
  return `${lines.join('\r\n')}\r\n`;
};

/** `Tokens per second` → `tokens-per-second.csv` */
export const fileNameOf = (title: string, extension: 'csv' | 'png'): string =>
  `${title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')}.${extension}`;
