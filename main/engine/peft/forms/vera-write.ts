import type { PeftContents } from '../folder.ts';
import type { PeftPlacement } from '../targeting.ts';
import { veraContents } from './vera-file.ts';
import { leadingPart, type Matrix } from '../../linear-algebra/matrix.ts';
import { allFactors, factorKey, layerAdapter, type Factor } from '../../adapters/layer/layer-adapter.ts';
import { describeAdapter } from '../../adapters/settings/adapter-settings.ts';
import type { AdapterToWrite } from '../form.ts';

/** Null where the layers' pairs are not parts of one, which adapters of early releases are not. */
export const adapterToPeftVera = (
  { settings, layers, values }: AdapterToWrite,
  placement: PeftPlacement,
): PeftContents | null => {
  if (settings.method !== 'vera') return null;
  const description = describeAdapter(settings);
  const parts = { lora_A: new Map<string, Matrix>(), lora_B: new Map<string, Matrix>() };
  const modules = layers.map((layer) => {
    const { module } = layer;
    const vectors: Record<string, Float32Array> = {};
    for (const factor of allFactors(layerAdapter(description, layer))) {
      const data = values.get(factorKey(module, factor)) as Float32Array;
      if (isShared(factor)) parts[factor.name].set(`${factor.rows} ${factor.columns}`, { ...factor, data });
      else vectors[factor.name] = data;
    }
    return { module, lambdaB: vectors['lambda_b']!, lambdaD: vectors['lambda_d']! };
  });
  const [a, b] = [wholeOf(parts.lora_A), wholeOf(parts.lora_B)];
  if (!a || !b) return null;
  return veraContents({
    ...placement,
    rank: settings.rank,
    dropout: settings.dropout,
    initial: settings.initial,
    modules,
    shared: { a: a.data, mostIn: a.columns, b: b.data, mostOut: b.rows },
  });
};

const isShared = (factor: Factor): factor is Factor & { name: 'lora_A' | 'lora_B' } => factor.shared;

/** The largest matrix, where all others are its first rows and columns. */
const wholeOf = (parts: ReadonlyMap<string, Matrix>): Matrix | null => {
  const [largest, ...others] = [...parts.values()].sort((x, y) => y.data.length - x.data.length);
  const isPart = ({ rows, columns, data }: Matrix): boolean =>
    leadingPart(largest!, rows, columns).data.every((value, at) => value === data[at]);
  return largest && others.every(isPart) ? largest : null;
};
