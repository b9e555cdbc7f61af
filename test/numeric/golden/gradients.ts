import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensorsHeader, readTensorFloat32 } from '../../../main/engine/formats/safetensors.ts';
import type { ParameterLayout } from '../../../main/engine/optim/parameter-layout.ts';

/** The step whose gradients the references keep, counted from 0. At the first one half of them are zero: B starts so. */
export const gradientStep = 1;

/** Gradients of a few trained tensors, by the engine's names of the tensors. */
export type Gradients = ReadonlyMap<string, Float32Array>;

/** PEFT's parts of a layer that the engine calls otherwise. */
const otherParts: readonly (readonly [RegExp, string])[] = [
  [/\.weight$/, ''],
  [/\.lora_embedding_(A|B)$/, '.lora_$1'],
  [/\.lora_magnitude_vector$/, '.magnitude'],
  [/\.vera_lambda_(b|d)$/, '.lambda_$1'],
];

const ownName = (peftName: string): string =>
  otherParts.reduce(
    (name, [theirs, ours]) => name.replace(theirs, ours),
    peftName.replace(/^base_model\.model\./, ''),
  );

/** What the first of the folders that keeps a method's gradients has of them; null where none does. */
export const readGradients = (folders: readonly string[], method: string): Gradients | null => {
  for (const folder of folders) {
    const file = join(folder, 'gradients.safetensors');
    if (!existsSync(file)) continue;
    const header = readSafetensorsHeader(file);
    const names = [...header.tensors.keys()].filter((name) => name.startsWith(`${method}/`));
    if (names.length > 0)
      return new Map(
        names.map((name) => [ownName(name.slice(method.length + 1)), readTensorFloat32(header, name)]),
      );
  }
  return null;
};

/** What AdamW took between two states: its first moment goes from m to beta1 m + (1 - beta1) gradient. */
export const gradientBetween = (before: Float32Array, after: Float32Array, beta1: number): Float32Array =>
  after.map((moment, at) => (moment - beta1 * (before[at] as number)) / (1 - beta1));

/** Largest error of any entry, in units of the largest entry of its tensor. */
export const gradientError = (
  { slots }: ParameterLayout,
  gradient: Float32Array,
  reference: Gradients,
): number => {
  const errors = [...reference].map(([name, expected]) => {
    const slot = slots.find((one) => one.name === name);
    if (slot?.length !== expected.length) return Infinity;
    const own = gradient.subarray(slot.offset, slot.offset + slot.length);
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = expected.reduce(
      (most, value, at) => Math.max(most, Math.abs((own[at] as number) - value)),
      0,
    );
    return worst / largest;
  });
  return Math.max(...errors);
};
