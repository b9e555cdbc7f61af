import { writeSafetensors, type TensorToWrite } from '../../formats/safetensors.ts';
import { pairShapes, withScalingIn, type PlainPair } from './plain-pairs.ts';

/** As diffusers calls it where nothing else is asked for. */
export const diffusersLoraName = 'pytorch_lora_weights.safetensors';

export const diffusersMetadataKey = 'lora_adapter_metadata';

const partOf = (module: string): string => module.slice(0, module.indexOf('.'));
const pathOf = (module: string): string => module.slice(module.indexOf('.') + 1);

/** Between a module's path and `down.weight`. */
export const diffusersMiddle = (module: string): string =>
  partOf(module) === 'unet' ? 'lora' : 'lora_linear_layer';

/** With `.weight`: diffusers takes it without, too, but transformers 5 leaves those of text encoders out then. */
const lengthsEnding = '.lora_magnitude_vector.weight';

const tensorsOf = (pair: PlainPair): TensorToWrite[] => {
  const { module } = pair.layer;
  const name = `${module}.${diffusersMiddle(module)}`;
  const shapes = pairShapes(pair);
  return [
    { name: `${name}.down.weight`, dtype: 'F32', shape: shapes.down, data: pair.down },
    { name: `${name}.up.weight`, dtype: 'F32', shape: shapes.up, data: pair.up },
    ...(pair.lengths === undefined
      ? []
      : [
          {
            name: `${module}${lengthsEnding}`,
            dtype: 'F32',
            shape: shapes.lengths,
            data: pair.lengths,
          } as const,
        ]),
  ];
};

/** transformers 5 has no `text_model.` in its modules, earlier ones have: PEFT takes the end of a name as the name. */
const endOfPath = (module: string): string => pathOf(module).replace(/^text_model\./, '');

const commonest = (ranks: readonly number[]): number => {
  const counts = new Map<number, number>();
  for (const rank of ranks) counts.set(rank, (counts.get(rank) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]![0];
};

/** What PEFT is to make of a part's tensors: of its settings those that every version has. */
const configOf = (pairs: readonly PlainPair[]): Record<string, unknown> => {
  const rank = commonest(pairs.map((pair) => pair.rank));
  const others = Object.fromEntries(
    pairs
      .filter((pair) => pair.rank !== rank)
      .map((pair) => [endOfPath(pair.layer.module), pair.rank] as const),
  );
  return {
    alpha_pattern: others,
    bias: 'none',
    init_lora_weights: true,
    lora_alpha: rank,
    lora_dropout: 0,
    peft_type: 'LORA',
    r: rank,
    rank_pattern: others,
    target_modules: pairs.map(({ layer }) => endOfPath(layer.module)).sort(),
    use_dora: pairs.some(({ lengths }) => lengths !== undefined),
    use_rslora: false,
  };
};

/**
 * Writes diffusers' file in float32. The scaling is in the factors, since versions of diffusers that don't know the metadata take alpha to be the
 * rank.
 */
export const writeDiffusersFile = (path: string, given: readonly PlainPair[]): void => {
  const pairs = given.map(withScalingIn);
  const parts = [...new Set(pairs.map(({ layer }) => partOf(layer.module)))];
  const metadata = Object.fromEntries(
    parts.flatMap((part) =>
      Object.entries(configOf(pairs.filter(({ layer }) => partOf(layer.module) === part))).map(
        ([key, value]) => [`${part}.${key}`, value] as const,
      ),
    ),
  );
  writeSafetensors(path, pairs.flatMap(tensorsOf), {
    format: 'pt',
    [diffusersMetadataKey]: JSON.stringify(metadata, null, 2),
  });
};
