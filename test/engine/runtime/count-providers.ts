import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Execution provider of every node that ran, counted, over all sessions. */
export type ProviderCounts = Readonly<Record<string, number>>;

/** From ONNX Runtime's profiles in a folder. */
export const countProviders = (directory: string): ProviderCounts => {
  const providers: Record<string, number> = {};
  for (const name of readdirSync(directory).filter((file) => file.startsWith('profile')))
    for (const { cat, args } of JSON.parse(readFileSync(join(directory, name), 'utf8')) as {
      cat: string;
      args?: { provider?: string };
    }[])
      if (cat === 'Node' && args?.provider) providers[args.provider] = (providers[args.provider] ?? 0) + 1;
  return providers;
};
