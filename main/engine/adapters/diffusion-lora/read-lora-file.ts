import { invalidInput, WorkbenchError } from '../../errors.ts';
import type { DiffusionConfig } from '../../formats/diffusion/configuration.ts';
import { parseJson } from '../../formats/json-text.ts';
import { isObject } from '../../json-value.ts';
import { readSafetensorsHeader, type SafetensorsHeader } from '../../formats/safetensors-header.ts';
import { readTensorFloat32, readTensorRaw } from '../../formats/safetensors-reader.ts';
import type { LinearLayer } from '../../models/architecture.ts';
import { matchPattern } from '../description/patterns.ts';
import { adapterSettingsSchema, type AdapterSettings } from '../settings/adapter-settings.ts';
import type { FactorValues } from '../layer/layer-adapter.ts';
import { diffusersMetadataKey } from './diffusers-file.ts';
import { kohyaNames } from './kohya-names.ts';
import { pairShapes } from './plain-pairs.ts';

/** A file's LoRA in our terms. */
export interface ReadLora {
  readonly settings: AdapterSettings;
  readonly layers: readonly LinearLayer[];
  readonly values: FactorValues;
}

type Part = 'down' | 'up' | 'alpha' | 'lengths';

interface FoundPair {
  readonly layer: LinearLayer;
  readonly name: string;
  readonly keys: Readonly<Partial<Record<Part, string>>>;
}

/** Adapters of other kinds, by a tensor that only they have. */
const others: readonly (readonly [RegExp, string])[] = [
  [/\.hada_(w[12]_[ab]|t[12])$/, 'a LoHa (products of two pairs, element by element)'],
  [/\.lokr_(w[12](_[ab])?|t2)$/, 'a LoKr (Kronecker products)'],
  [/\.(oft_blocks|oft_diag|oft_R\..*)$/, 'an OFT (turned weights)'],
  [/\.(diff|diff_b)$/, 'differences of whole weights'],
  [/\.lora_mid\.weight$/, 'a LoCon in Tucker form (lora_mid)'],
  [/\.dora_scale$/, "a DoRA in kohya's form, whose lengths of rows programs read in different ways"],
  [/\.(on_input|ia3_l(\.weight)?)$/, 'an IA³ (what layers give, scaled)'],
  [/\.(w_norm|b_norm)$/, 'trained norms'],
  [/\.a1\.weight$/, 'a GLoRA'],
];

/** Textual inversion: vectors of a new word under a name of no module, of A1111 or diffusers (`<dog>`), or beside a LoRA (kohya's bundles). */
const embedding = /^(bundle_emb\..*|emb_params|clip_[lg]|<[^.]*>|string_to_param\..*)$/;

/** What a tensor says that a file is instead of a LoRA, and what to do; null where it may be of one. */
const otherThan = (key: string): string | null => {
  if (embedding.test(key))
    return 'an embedding of words (textual inversion): it adds a word to the vocabulary and changes no layer, so it can be neither imported nor merged; give it to the program that draws, beside the LoRA';
  const kind = others.find(([pattern]) => pattern.test(key))?.[1];
  return kind === undefined
    ? null
    : `${kind}, which is not read; only LoRA is. Merge it into its base with what made it, and import the merged model`;
};

/** What comes after a module's name, in both forms and in PEFT's. */
const ending =
  /\.(?:lora_|lora\.|lora_linear_layer\.)?(?<direction>down|up)\.weight$|\.lora_(?<letter>[AB])\.weight$|\.(?<alpha>alpha)$|\.(?<lengths>lora_magnitude_vector)(?:\.weight)?$/;

const partOf = ({ groups }: RegExpExecArray): Part => {
  const { direction, letter, alpha, lengths } = groups!;
  if (lengths !== undefined) return 'lengths';
  if (alpha !== undefined) return 'alpha';
  return (direction ?? (letter === 'A' ? 'down' : 'up')) as Part;
};

/** Of diffusers' files from before it took PEFT in: the processor stands before the projection. */
const withoutProcessor = (name: string): string =>
  name.replace(/\.processor\.(to_[qkv]|to_out)_lora$/, (_, projection: string) =>
    projection === 'to_out' ? '.to_out.0' : `.${projection}`,
  );

/** Every name that a file may have for each of the model's layers. */
const namesOfLayers = (layers: readonly LinearLayer[], config: DiffusionConfig): Map<string, LinearLayer> => {
  const kohya = kohyaNames(config);
  const adaptable = layers.filter(({ role }) => role !== 'embedding' && role !== 'head');
  return new Map(
    adaptable.flatMap((layer) => {
      const { module } = layer;
      const names = [module, module.replace(/^(text_encoder(?:_2)?)\.text_model\./, '$1.'), ...kohya(module)];
      return names.map((name) => [name, layer] as const);
    }),
  );
};

const findPairs = (
  header: SafetensorsHeader,
  known: ReadonlyMap<string, LinearLayer>,
  base: string,
): FoundPair[] => {
  const found = new Map<string, { name: string; keys: Partial<Record<Part, string>> }>();
  const refuse = (why: string): WorkbenchError => new WorkbenchError('unsupported', `${header.path}: ${why}`);
  // What it is comes before whose it is: names that all kinds have (alpha) may stand first.
  for (const key of header.tensors.keys()) {
    const other = otherThan(key);
    if (other !== null) throw refuse(`holds ${key}: it is ${other}`);
  }
  for (const key of header.tensors.keys()) {
    const match = ending.exec(key);
    if (match === null) throw refuse(`holds ${key}, which is no part of a LoRA that is known here`);
    const name = withoutProcessor(key.slice(0, match.index));
    if (!known.has(name))
      throw invalidInput(
        `${header.path}: holds ${key}, and ${base} has no such layer: it was made for another kind of model${saysBase(header)}`,
      );
    const entry = found.get(name) ?? { name, keys: {} };
    entry.keys[partOf(match)] = key;
    found.set(name, entry);
  }
  return [...found.values()].map(({ name, keys }) => ({ layer: known.get(name)!, name, keys }));
};

const saysBase = ({ metadata }: SafetensorsHeader): string => {
  const said = metadata['ss_base_model_version'] ?? metadata['modelspec.architecture'];
  return said === undefined ? '' : ` (its metadata says ${said})`;
};

/** A pair's rank, where its shapes are those of the layer. A 1 x 1 convolution and a linear layer hold the same numbers. */
const rankOf = ({ layer, name, keys }: FoundPair, header: SafetensorsHeader, base: string): number => {
  const shapeOf = (part: 'down' | 'up'): readonly number[] => {
    const key = keys[part];
    if (key === undefined) throw invalidInput(`${header.path}: ${name}: its ${part} is missing`);
    return header.tensors.get(key)!.shape;
  };
  const [down, up] = [shapeOf('down'), shapeOf('up')];
  const rank = down[0] ?? 0;
  const wanted = pairShapes({ layer, rank });
  const bare = (shape: readonly number[]): string =>
    (shape.slice(2).every((size) => size === 1) ? shape.slice(0, 2) : shape).join(' x ');
  if (rank < 1 || bare(down) !== bare(wanted.down) || bare(up) !== bare(wanted.up))
    throw invalidInput(
      `${header.path}: ${name} is (${down.join(' x ')}) and (${up.join(' x ')}), and that layer of ${base} takes ${layer.inFeatures} numbers and gives ${layer.outFeatures}: it was made for another model${saysBase(header)}`,
    );
  return rank;
};

/** diffusers' own conversion to kohya's form writes alphas as whole numbers. */
const numbersOf = (header: SafetensorsHeader, key: string): readonly number[] => {
  const { dtype } = header.tensors.get(key)!;
  if (dtype !== 'I64' && dtype !== 'I32') return [...readTensorFloat32(header, key)];
  const { buffer } = readTensorRaw(header, key).slice();
  return dtype === 'I32' ? [...new Int32Array(buffer)] : Array.from(new BigInt64Array(buffer), Number);
};

/** Of a DoRA each layer has them. */
const checkLengths = ({ layer: { outFeatures }, name, keys }: FoundPair, header: SafetensorsHeader): void => {
  const { lengths } = keys;
  if (lengths === undefined)
    throw invalidInput(
      `${header.path}: ${name}: its lora_magnitude_vector is missing, and other layers have one`,
    );
  const { shape } = header.tensors.get(lengths)!;
  if (shape.reduce((a, b) => a * b, 1) !== outFeatures)
    throw invalidInput(
      `${header.path}: ${lengths} is (${shape.join(' x ')}), and the layer gives ${outFeatures} numbers`,
    );
};

const oneNumber = (header: SafetensorsHeader, key: string): number => {
  const [number, ...more] = numbersOf(header, key);
  if (number !== undefined && more.length === 0) return number;
  throw invalidInput(
    `${header.path}: ${key} is (${header.tensors.get(key)!.shape.join(' x ')}), and should be one number`,
  );
};

/** What diffusers' metadata says of alpha, by the module's path; null where the file has none. */
const saidAlpha = (
  header: SafetensorsHeader,
  hasLengths: boolean,
): ((module: string, rank: number) => number) | null => {
  const text = header.metadata[diffusersMetadataKey];
  if (text === undefined) return null;
  const said = parseJson(text, `${header.path}: ${diffusersMetadataKey}`);
  if (!isObject(said)) throw invalidInput(`${header.path}: ${diffusersMetadataKey} is not a JSON object`);
  const refuse = (key: string, why: string): never => {
    throw new WorkbenchError('unsupported', `${header.path}: ${diffusersMetadataKey}: ${key} is set, ${why}`);
  };
  for (const [key, value] of Object.entries(said)) {
    if (value !== true) continue;
    if (key.endsWith('.use_dora') && !hasLengths) refuse(key, 'and the file has no lora_magnitude_vector');
    if (key.endsWith('.lora_bias')) refuse(key, 'and biases of factors are not read');
  }
  return (module, rank) => {
    const at = module.indexOf('.');
    const [part, path] = [module.slice(0, at), module.slice(at + 1)];
    const pattern = said[`${part}.alpha_pattern`];
    const usual = said[`${part}.lora_alpha`];
    const short = path.replace(/^text_model\./, '');
    const own = isObject(pattern)
      ? (matchPattern(pattern as Record<string, number>, path) ??
        matchPattern(pattern as Record<string, number>, short))
      : undefined;
    const alpha = own ?? (typeof usual === 'number' ? usual : rank);
    return said[`${part}.use_rslora`] === true ? alpha * Math.sqrt(rank) : alpha;
  };
};

/**
 * Reads a LoRA for a diffusion model from one safetensors file: kohya's form, diffusers' (old and new) or PEFT's names within it; in the latter two a DoRA,
 * whose `squared_norms` follow from the base's weights (`completeAdapter`).
 * @param base the model's name, for errors
 * @throws WorkbenchError naming the file and the tensor: another kind of adapter, another base, half a pair
 */
export const readLoraFile = (
  path: string,
  {
    layers,
    config,
    base,
  }: { readonly layers: readonly LinearLayer[]; readonly config: DiffusionConfig; readonly base: string },
): ReadLora => {
  const header = readSafetensorsHeader(path);
  const pairs = findPairs(header, namesOfLayers(layers, config), base);
  if (pairs.length === 0) throw invalidInput(`${path}: holds no LoRA`);
  const hasLengths = pairs.some(({ keys }) => keys.lengths !== undefined);
  if (hasLengths) for (const pair of pairs) checkLengths(pair, header);
  const said = saidAlpha(header, hasLengths);
  const ranked = pairs.map((pair) => {
    const rank = rankOf(pair, header, base);
    const { module } = pair.layer;
    const own = pair.keys.alpha;
    const alpha = own === undefined ? (said?.(module, rank) ?? rank) : oneNumber(header, own);
    if (!Number.isFinite(alpha)) throw invalidInput(`${path}: ${own ?? module} is ${alpha}`);
    return { ...pair, module, rank, alpha };
  });
  const twice = ranked.find(({ module }, at) => ranked.findIndex((one) => one.module === module) !== at);
  if (twice !== undefined) throw invalidInput(`${path}: ${twice.module} is there twice, under two names`);
  const [{ rank, alpha }] = ranked as [(typeof ranked)[number]];
  const differing = (of: 'rank' | 'alpha', usual: number): Record<string, number> =>
    Object.fromEntries(ranked.filter((one) => one[of] !== usual).map((one) => [one.module, one[of]]));
  const keysOf = new Map<string, string>(
    ranked.flatMap(({ module, keys }) => [
      [`${module}.lora_A`, keys.down!] as const,
      [`${module}.lora_B`, keys.up!] as const,
      ...(keys.lengths === undefined ? [] : [[`${module}.magnitude`, keys.lengths] as const]),
    ]),
  );
  return {
    settings: adapterSettingsSchema.parse({
      method: hasLengths ? 'dora' : 'lora',
      rank,
      alpha,
      rankPattern: differing('rank', rank),
      alphaPattern: differing('alpha', alpha),
      targetModules: ranked.map(({ module }) => module),
    }),
    layers: ranked.map(({ layer }) => layer),
    values: {
      get: (key) => {
        const found = keysOf.get(key);
        return found === undefined ? undefined : readTensorFloat32(header, found);
      },
    },
  };
};
