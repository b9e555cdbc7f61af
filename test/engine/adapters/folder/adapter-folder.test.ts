import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAdapter, writeAdapter } from '../../../../main/engine/adapters/folder/adapter-folder.ts';
import {
  factorKey,
  allFactors,
  factorShape,
  layerAdapter,
} from '../../../../main/engine/adapters/layer/layer-adapter.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
} from '../../../../main/engine/adapters/settings/adapter-settings.ts';
import { embeddingLayer, type LinearLayer } from '../../../../main/engine/models/architecture.ts';
import { temporaryDirectory } from '../../formats/temporary-directory.ts';

const root = temporaryDirectory();
const settings = adapterSettingsSchema.parse({ method: 'lora', rank: 2 });
const layers: readonly LinearLayer[] = [
  { module: 'h.0.c_fc', outFeatures: 8, inFeatures: 4, bias: true, stored: 'in-out' },
  { module: 'h.0.q_proj', outFeatures: 4, inFeatures: 4, bias: false },
  embeddingLayer('wte', 16, 4),
];
const values = new Map(
  layers.flatMap((layer) =>
    allFactors(layerAdapter(describeAdapter(settings), layer)).map((factor): [string, Float32Array] => [
      factorKey(layer.module, factor),
      new Float32Array(factorShape(factor).reduce((a, b) => a * b, 1)).fill(0.5),
    ]),
  ),
);

describe('the folder of an adapter', () => {
  const directory = join(root, 'adapter');

  it('keeps how weights are stored under the name that it always had', async () => {
    await writeAdapter(directory, { settings, layers, weights: [], values });
    const file = JSON.parse(readFileSync(join(directory, 'adapter.json'), 'utf8'));
    expect(file.formatVersion).toBe(2);
    expect(file.layers).toEqual([
      { module: 'h.0.c_fc', outFeatures: 8, inFeatures: 4, bias: true, kind: 'conv1d' },
      { module: 'h.0.q_proj', outFeatures: 4, inFeatures: 4, bias: false },
      { module: 'wte', outFeatures: 4, inFeatures: 16, bias: false, kind: 'conv1d', role: 'embedding' },
    ]);
    expect(readAdapter(directory).layers).toEqual(layers);
  });
});
