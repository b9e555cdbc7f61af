import { expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { exportRefusal } from '../../main/trainer/protocol/export-kinds.ts';

const settings = adapterSettingsSchema.parse({ method: 'lora', rank: 2, alpha: 2 });

it.each([
  ['noise', "this is on a model that draws pictures; export diffusers' or kohya's file"],
  ['next-token', 'this is on a model of text; export a PEFT folder'],
] as const)('a file of CLIP-LoRA is refused for %s by what the model is', (objective, message) =>
  expect(exportRefusal('clip-lora', { settings, objective })).toContain(message),
);
