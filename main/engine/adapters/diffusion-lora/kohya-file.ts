import { createHash } from 'node:crypto';
import { WorkbenchError } from '../../errors.ts';
import type { DiffusionConfig } from '../../formats/diffusion/configuration.ts';
import { float16ToFloat32, float32ToFloat16 } from '../../formats/float-conversion.ts';
import { writeSafetensors, type TensorToWrite } from '../../formats/safetensors.ts';
import { modelSpecification, specificationOf } from '../../formats/diffusion/model-specification.ts';
import { kohyaName } from './kohya-names.ts';
import { pairShapes, type PlainPair } from './plain-pairs.ts';

/** The number as half precision has it. */
const halved = (value: number): number => {
  const [half] = [float32ToFloat16(Float32Array.of(value))];
  const back = new Float32Array(1);
  float16ToFloat32(half, back);
  return back[0]!;
};

const commonest = (values: readonly number[]): number => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]![0];
};

/** The alpha that most layers have, where half precision can say it, or the rank that most have. */
const sharedAlpha = (pairs: readonly PlainPair[]): number => {
  const usual = commonest(pairs.map(({ alpha }) => alpha));
  return usual > 0 && halved(usual) === usual ? usual : commonest(pairs.map(({ rank }) => rank));
};

/**
 * The same with one alpha for all, and the rest of a layer's scaling in its factor: diffusers (0.42) takes one alpha for the whole U-Net, whatever the
 * file says of each layer.
 */
const withOneAlpha = (pairs: readonly PlainPair[]): PlainPair[] => {
  const alpha = sharedAlpha(pairs);
  return pairs.map((pair) =>
    pair.alpha === alpha
      ? pair
      : { ...pair, alpha, up: pair.up.map((value) => (value * pair.alpha) / alpha) },
  );
};

/** The tensors of kohya's file, in half precision as all of them are. @throws unsupported where a factor is too large for it */
const kohyaTensors = (pairs: readonly PlainPair[], config: DiffusionConfig): TensorToWrite[] => {
  const nameOf = kohyaName(config);
  return pairs.flatMap((pair) => {
    if (pair.lengths) throw new Error("kohya's file has no lengths of rows that all programs read alike");
    const name = nameOf(pair.layer.module);
    const shapes = pairShapes(pair);
    const half = (key: string, shape: readonly number[], data: Float32Array): TensorToWrite => {
      if (!data.every((value) => Math.abs(value) < 65_520))
        throw new WorkbenchError(
          'unsupported',
          `kohya's file: ${key} holds a number that half precision cannot; export diffusers' file, which is in float32`,
        );
      return { name: key, dtype: 'F16', shape, data };
    };
    return [
      half(`${name}.alpha`, [], Float32Array.of(pair.alpha)),
      half(`${name}.lora_down.weight`, shapes.down, pair.down),
      half(`${name}.lora_up.weight`, shapes.up, pair.up),
    ];
  });
};

/** What kohya's metadata calls the model. */
const baseVersion = (config: DiffusionConfig): string => {
  const { isSecond, prediction } = specificationOf(config);
  if (config.model_type === 'stable-diffusion-xl') return 'sdxl_base_v1-0';
  if (!isSecond) return 'sd_v1';
  return prediction === 'v' ? 'sd_v2_768_v' : 'sd_v2';
};

const python = (value: boolean): string => (value ? 'True' : 'False');

export interface KohyaDescription {
  /** What lists of adapters show. */
  readonly outputName: string;
  readonly baseModelName: string;
  /** ISO 8601. */
  readonly date: string;
}

/** What training tools write and user interfaces read, all of it text. What was not trained by kohya's code says nothing of its settings. */
const kohyaMetadata = (
  pairs: readonly PlainPair[],
  config: DiffusionConfig,
  { outputName, baseModelName, date }: KohyaDescription,
): Record<string, string> => {
  const { isSecond, prediction } = specificationOf(config);
  const convolutions = pairs.filter(({ layer }) => (layer.kernel?.size ?? 1) > 1);
  const others = pairs.filter((pair) => !convolutions.includes(pair));
  const main = others.length > 0 ? others : pairs;
  const args =
    convolutions.length === 0
      ? {}
      : {
          conv_dim: String(commonest(convolutions.map(({ rank }) => rank))),
          conv_alpha: String(commonest(convolutions.map(({ alpha }) => alpha))),
        };
  return {
    ss_v2: python(isSecond),
    ss_v_parameterization: python(prediction === 'v'),
    ss_base_model_version: baseVersion(config),
    ss_sd_model_name: baseModelName,
    ss_network_module: 'networks.lora',
    ss_network_dim: String(commonest(main.map(({ rank }) => rank))),
    ss_network_alpha: String(commonest(main.map(({ alpha }) => alpha))),
    ss_network_args: JSON.stringify(args),
    ss_output_name: outputName,
    ss_tag_frequency: '{}',
    ss_training_comment: 'NoRA Workbench',
    ...modelSpecification(config, '/lora'),
    'modelspec.title': outputName,
    'modelspec.date': date,
  };
};

/** Where the older hash of user interfaces looks. */
const legacyWindow = { from: 0x100000, to: 0x110000 };

/**
 * The hashes by which user interfaces know a file, whatever is later written into its metadata: of all bytes behind the header, and of 64 kB at one
 * place of the file as it is with the metadata of training alone.
 */
const hashesOf = (
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
) => {
  const training = Object.fromEntries(Object.entries(metadata).filter(([key]) => key.startsWith('ss_')));
  const [whole, legacy] = [createHash('sha256'), createHash('sha256')];
  let [at, header] = [0, Infinity];
  writeSafetensors(path, tensors, training, (piece) => {
    if (at === 0) header = 8 + Number(Buffer.from(piece.buffer, piece.byteOffset, 8).readBigUInt64LE());
    whole.update(piece.subarray(Math.min(piece.length, Math.max(0, header - at))));
    const from = Math.max(0, legacyWindow.from - at);
    const to = Math.min(piece.length, legacyWindow.to - at);
    if (from < to) legacy.update(piece.subarray(from, to));
    at += piece.length;
  });
  return { sshs_model_hash: whole.digest('hex'), sshs_legacy_hash: legacy.digest('hex').slice(0, 8) };
};

/** Writes kohya's file. */
export const writeKohyaFile = (
  path: string,
  given: readonly PlainPair[],
  config: DiffusionConfig,
  description: KohyaDescription,
): void => {
  const pairs = withOneAlpha(given);
  const tensors = kohyaTensors(pairs, config);
  const metadata = kohyaMetadata(pairs, config, description);
  writeSafetensors(path, tensors, { ...metadata, ...hashesOf(path, tensors, metadata) });
};
