import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  adapterSettingsSchema,
  describeAdapter,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import type { BaseFormat } from '../../../main/engine/base/base-format.ts';
import type { DataType } from '../../../main/engine/graph/data-type.ts';
import { openModel, type Model } from '../../../main/engine/models/model.ts';
import { modelShapes } from '../../../main/engine/models/shapes.ts';
import { withBaseFormat } from '../../../main/engine/models/weights/quantized-base.ts';
import { writeRandomModel } from '../../../main/engine/models/weights/random-weights.ts';
import { gradientGraph } from '../../../main/engine/train/model/loss-graph.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nora-head-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** How each chunk of labels goes through the head of a model that is trained so: the type of the table, and whether products are rounded. */
const chunksOf = (model: Model, targetModules: string[]): (readonly [DataType, boolean])[] => {
  const settings = adapterSettingsSchema.parse({ method: 'lora', rank: 2, alpha: 2, targetModules });
  const layers = model.targetLayers.filter(({ module }) =>
    targetModules.some((name) => module.endsWith(name)),
  );
  const adapter = { description: describeAdapter(settings), layers, values: new Map() };
  const { nodes } = gradientGraph(
    { model, adapter, trainedWeights: [] },
    { positions: 16, labels: 4, memory: 'fast' },
  );
  return nodes.flatMap((node) =>
    node.operator === 'linearCrossEntropy'
      ? [[node.inputs[1]!.dataType, node.attributes.rounded] as const]
      : [],
  );
};

const written = (dtype: 'F32' | 'BF16'): Model => {
  writeRandomModel({ directory: folder, config: modelShapes['tiny']!, dtype, seed: 1 });
  return openModel(folder);
};

describe('the head of a model in training', () => {
  it.each([
    ['F32', 'fp32', 'float32', false],
    ['BF16', 'fp32', 'bfloat16', false],
    ['F32', 'bf16', 'bfloat16', false],
    ['F32', 'int8', 'float32', true],
    ['BF16', 'int8', 'bfloat16', true],
  ] as const)('of weights in %s, in %s, is multiplied by as it lies', (dtype, format, held, rounded) => {
    const model = withBaseFormat(written(dtype), format satisfies BaseFormat, {
      cacheFolder: join(folder, 'bases'),
    });
    expect(chunksOf(model, ['q_proj'])).toEqual([[held, rounded]]);
  });

  it('is differentiated by its logits where it has an adapter, or is held in blocks', () => {
    const model = written('F32');
    expect(chunksOf(model, ['lm_head'])).toEqual([]);
    const inBlocks = withBaseFormat(model, 'int4', { cacheFolder: join(folder, 'bases') });
    expect(chunksOf(inBlocks, ['q_proj'])).toEqual([]);
  });
});
