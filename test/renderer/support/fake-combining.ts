import { adapterSettingsSchema, type Adapter } from '../../../main/api/contract.ts';
import { WorkbenchError } from '../../../main/engine/errors.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';

const settings = adapterSettingsSchema.parse({ method: 'lora', rank: 22, alpha: 22 });

/** Sums whose loss falls with what the weights add up to; DoRA does not add up. */
export const fakeCombining = (
  find: (id: string) => Adapter,
  keep: (adapter: Adapter) => void,
): Pick<WorkbenchMethods['adapters'], 'preview' | 'combine'> => ({
  preview: ({ parts }) => {
    const adapters = parts.map(({ adapterId }) => find(adapterId));
    const dora = adapters.find(({ method }) => method === 'dora');
    if (dora) throw new WorkbenchError('unsupported', `the adapter "${dora.name}" (dora) can't be added up`);
    const total = parts.reduce((sum, { weight }) => sum + weight, 0);
    return {
      settings,
      parameters: 108_544,
      layers: Array.from({ length: 8 }, (_, layer) => ({
        module: `model.layers.${layer}.self_attn.q_proj`,
        change: 0.1 * (layer + 1) * Math.abs(total),
        weight: 8,
      })),
      losses: [
        {
          of: parts.map((_, at) => at),
          on: { data: 'held-out', file: null, reason: null, rows: 32, tokens: 4096, scored: 2048 },
          base: 3.2,
          parts: parts.map((_, at) => 2.5 + at / 10),
          combined: 3.2 - 0.6 * total,
        },
      ],
    };
  },
  combine: ({ parts, name }) => {
    const [first] = parts.map(({ adapterId }) => find(adapterId)) as [Adapter];
    const adapter: Adapter = {
      ...first,
      id: 'combined-1',
      runId: null,
      experimentId: null,
      experimentName: null,
      name: name ?? 'a sum',
      method: 'lora',
      settings,
      parts: parts.map(({ adapterId, weight }) => ({ adapterId, name: find(adapterId).name, weight })),
    };
    keep(adapter);
    return adapter;
  },
});
