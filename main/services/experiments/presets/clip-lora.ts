import { fewShotNotes, fewShotTargets, fewShotTraining } from './few-shot-protocol.ts';
import type { PresetInput } from './preset.ts';

export const clipLora: PresetInput = {
  name: 'clip-lora',
  group: 'CLIP-LoRA',
  title: 'CLIP-LoRA',
  explanation:
    'LoRA of rank 2 on queries, keys and values of both towers, 500 steps for each shot: the published code as it runs by itself.',
  source: 'github.com/MaxZanella/CLIP-LoRA 358f0d7, arXiv 2405.18541',
  notes: [...fewShotNotes],
  training: { ...fewShotTraining, learningRate: 2e-4, batchSize: 32, stepsPerShot: 500 },
  // Its scaling is alpha / sqrt(r), which is rsLoRA's.
  adapter: { method: 'rslora', rank: 2, alpha: 1, dropout: 0.25, ...fewShotTargets },
};
