import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  describeAdapter,
  adapterSettingsSchema,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { selectTargets } from '../../../main/engine/adapters/layer/target-modules.ts';
import { comparedWith } from '../../../main/engine/models/compared-model.ts';
import { withTextStates } from '../../../main/engine/models/diffusion-model.ts';
import { openModel, type Model } from '../../../main/engine/models/model.ts';
import { gradientGraph } from '../../../main/engine/train/model/loss-graph.ts';
import { writeTinyClip } from '../../support/tiny-clip.ts';
import { writeTinyModel } from '../../support/tiny-model.ts';
import { writeTinyPipeline } from '../../support/tiny-pipeline.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nora-parts-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Parts of a training graph by direction, with the operators in them: 'q_proj forward' -> matmul. */
const partsOf = (model: Model, targetModules: 'all-linear' | string[]): Map<string, Set<string>> => {
  const settings = adapterSettingsSchema.parse({
    method: 'lora',
    rank: 2,
    alpha: 2,
    dropout: 0.1,
    targetModules,
  });
  const layers = selectTargets(model.targetLayers, settings);
  const adapter = { description: describeAdapter(settings), layers, values: new Map() };
  const { nodes } = gradientGraph(
    { model, adapter, trainedWeights: [] },
    { positions: 16, labels: 4, memory: 'low' },
  );
  const parts = new Map<string, Set<string>>();
  for (const { operator, origin } of nodes) {
    const key = `${origin.part} ${origin.direction}`;
    parts.set(key, (parts.get(key) ?? new Set()).add(origin.of ?? operator));
  }
  return parts;
};

/** Operators of nodes of no part, which ought to be next to nothing: shapes of inputs, the gradient that differentiation starts from. */
const nameless = (parts: ReadonlyMap<string, ReadonlySet<string>>): string[] =>
  [...parts].flatMap(([key, operators]) => (key.startsWith(' ') ? [...operators] : []));

describe('parts of a model', () => {
  it('of a decoder', () => {
    const parts = partsOf(openModel(writeTinyModel(join(folder, 'text'))), 'all-linear');
    for (const part of ['q_proj', 'o_proj', 'down_proj'])
      expect(parts.get(`${part} forward`)).toEqual(new Set(['sumOfProducts']));
    expect(parts.get('loss/lm_head forward')).toEqual(new Set(['linearCrossEntropy']));
    for (const part of ['q_proj', 'down_proj'])
      expect(parts.get(`${part} backward`)).toContain('sumOfProducts');
    expect(parts.get('q_proj/adapter backward')).toContain('matmul');
    expect(parts.get('q_proj/adapter/dropout recomputed')).toContain('bernoulli');
    expect(parts.get('norm backward')).toContain('rmsNorm');
    expect(parts.get('rotary recomputed')).toContain('rotary');
    expect(parts.get('attention backward')).toContain('attention');
    expect(parts.get('activation recomputed')).toEqual(new Set(['gated']));
    expect(parts.get('residual forward')).toEqual(new Set(['add']));
    expect(parts.get('embed_tokens forward')).toContain('gatherRows');
    expect(nameless(parts).filter((operator) => !['reshape', 'expand', 'after'].includes(operator))).toEqual(
      [],
    );
  });

  it('of a CLIP, tower by tower', () => {
    const model = comparedWith(openModel(writeTinyClip(join(folder, 'clip'))), 'class-prompts', 3);
    const parts = partsOf(model, ['q_proj', 'v_proj']);
    for (const tower of ['pictures', 'texts'])
      for (const direction of ['forward', 'backward'])
        expect(parts.get(`${tower}/q_proj ${direction}`)).toBeDefined();
    expect(parts.get('pictures/patches forward')).toContain('matmul');
    expect(parts.get('texts/attention backward')).toContain('attention');
    expect(parts.get('pictures/norm recomputed')).toContain('layerNorm');
    expect(parts.get('loss/scores forward')).toContain('matmul');
    expect(nameless(parts).filter((operator) => !['reshape', 'expand', 'after'].includes(operator))).toEqual(
      [],
    );
  });

  it('of a U-Net', () => {
    const model = withTextStates(openModel(writeTinyPipeline(join(folder, 'pipeline'))));
    const parts = partsOf(model, ['to_q', 'to_v']);
    expect(parts.get('conv1 forward')).toContain('convolution');
    expect(parts.get('conv1 backward')).toContain('convolution');
    expect(parts.get('attn1/to_q forward')).toContain('sumOfProducts');
    expect(parts.get('attn2/to_q/adapter backward')).toContain('matmul');
    expect(parts.get('attn1/attention recomputed')).toContain('attention');
    expect(parts.get('norm backward')).toContain('groupNorm');
    expect(parts.get('skip forward')).toEqual(new Set(['concatenate']));
    expect(parts.get('time/linear_1 forward')).toContain('matmul');
    expect(nameless(parts).filter((operator) => !['reshape', 'expand', 'after'].includes(operator))).toEqual(
      [],
    );
  });
});
