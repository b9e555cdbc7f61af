import type { AdapterSettings } from './adapter-settings.ts';
import { methods } from '../methods/index.ts';

/** A name that tells configurations apart: `LoRA r16`, `NoRA 128/16`, `Full fine-tuning`. */
export const adapterName = (adapter: AdapterSettings): string => {
  const { title } = methods[adapter.method];
  if ('outerRank' in adapter) return `${title} ${adapter.outerRank}/${adapter.innerRank}`;
  return 'rank' in adapter ? `${title} r${adapter.rank}` : title;
};
