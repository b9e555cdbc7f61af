import { WorkbenchError } from '../../errors.ts';
import type { TorchTensor, TorchValue } from '../../formats/torch/pickle.ts';
import { torchFile, type TorchFile } from '../../formats/torch/torch-file.ts';
import type { SavedAdapter } from '../folder/adapter-folder.ts';
import { unscaledPair } from '../layer/fold.ts';
import { describeAdapter } from '../settings/adapter-settings.ts';
import type { ClipLoraLayout } from './clip-lora-layout.ts';

/** As CLIP-LoRA calls it where nothing else is asked for. */
export const clipLoraName = 'lora_weights';

export interface ClipLoraTensors {
  readonly module: string;
  readonly a: TorchTensor;
  readonly b: TorchTensor;
}

export interface ClipLoraFile extends TorchFile {
  readonly rank: number;
  readonly alpha: number;
  readonly tensors: readonly ClipLoraTensors[];
  /** Whether B stands in the file with a part of the scaling, which its loader can't be told. */
  readonly scaledB: boolean;
}

const isAlmost = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12 * Math.abs(b);

/**
 * What the loader is told of the scaling: a whole alpha, which it divides by the root of the rank. Where no whole number says it, 1, and B is
 * multiplied by the rest.
 */
const wholeAlpha = (scaling: number, rank: number): number => {
  const alpha = scaling * Math.sqrt(rank);
  const rounded = Math.round(alpha);
  return rounded >= 1 && isAlmost(alpha, rounded) ? rounded : 1;
};

/**
 * An adapter as CLIP-LoRA saves one: {weights: {layer_i: {q_proj: {w_lora_A (r x in), w_lora_B (out x r)}, ...}}, metadata}. One that is nested,
 * or starts from a part of the base, is multiplied out.
 * @throws unsupported for an adapter whose layers differ in rank
 */
export const clipLoraFile = (
  { settings, layers, values }: Pick<SavedAdapter, 'settings' | 'layers' | 'values'>,
  { encoder, params, position, layers: attentions }: ClipLoraLayout,
): ClipLoraFile => {
  const description = describeAdapter(settings);
  const pairs = new Map(
    layers.map((layer) => [layer.module, { layer, ...unscaledPair(description, layer, values) }]),
  );
  const [first] = [...pairs.values()];
  const { rank } = first!;
  const other = [...pairs.values()].find((pair) => pair.rank !== rank);
  if (other !== undefined)
    throw new WorkbenchError(
      'unsupported',
      `CLIP-LoRA's file: ${first!.layer.module} has rank ${rank} and ${other.layer.module} ${other.rank}, and its loader is told one for all; export a PEFT folder, which can say it`,
    );
  const alpha = wholeAlpha(first!.scaling, rank);
  const own = alpha / Math.sqrt(rank);
  let scaledB = false;
  const tensors = new Map(
    [...pairs].map(([module, { layer, loraA, loraB, scaling }]) => {
      const factor = isAlmost(scaling, own) ? 1 : scaling / own;
      scaledB ||= factor !== 1;
      const a = { shape: [rank, layer.inFeatures], data: Float32Array.from(loraA.data) };
      const b = {
        shape: [layer.outFeatures, rank],
        data: Float32Array.from(loraB.data, (value) => value * factor),
      };
      return [module, { module, a, b }];
    }),
  );
  const weights = attentions.map(({ projections }, index) => [
    `layer_${index}`,
    Object.fromEntries(
      projections.map(({ saved, module }) => {
        const { a, b } = tensors.get(module)!;
        return [saved, { w_lora_A: a, w_lora_B: b }];
      }),
    ),
  ]);
  const value: TorchValue = {
    weights: Object.fromEntries(weights) as TorchValue,
    metadata: { r: rank, alpha, encoder, params: [...params], position },
  };
  return { ...torchFile(clipLoraName, value), rank, alpha, tensors: [...tensors.values()], scaledB };
};
