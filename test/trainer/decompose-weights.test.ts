import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readModelFiles } from '../../main/engine/formats/model-identity.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { readLayerWeight } from '../../main/engine/models/weights/model-weights.ts';
import { decomposeWeights } from '../../main/trainer/decompose/decompose-weights.ts';
import type { TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { temporaryDirectory } from '../engine/formats/temporary-directory.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

const directory = temporaryDirectory();
const model = join(directory, 'model');
beforeAll(() => writeTinyModel(model));

const decompose = async (modules: string[], stopAfter = Infinity): Promise<TrainerEvent[]> => {
  const events: TrainerEvent[] = [];
  await decomposeWeights(
    { modelDirectory: model, modelFiles: [...(await readModelFiles(model))], modules },
    { emit: (event) => events.push(event), shouldStop: () => (events.length >= stopAfter ? 'cancel' : null) },
  );
  return events;
};

describe('decomposing weights', () => {
  it("gives every singular value: their squares add up to the weight's, embeddings' too", async () => {
    const modules = ['model.layers.0.self_attn.k_proj', 'model.embed_tokens'];
    const events = await decompose(modules);
    expect(events.map(({ type }) => type)).toEqual(['decomposed-weight', 'decomposed-weight', 'decomposed']);
    const opened = openModel(model);
    for (const [index, module] of modules.entries()) {
      const event = events[index]!;
      if (event.type !== 'decomposed-weight') throw new Error(event.type);
      const layer = opened.targetLayers.find((one) => one.module === module)!;
      const squares = readLayerWeight(opened, layer).reduce((sum, entry) => sum + entry * entry, 0);
      expect(event.singularValues).toHaveLength(Math.min(layer.outFeatures, layer.inFeatures));
      expect(event.singularValues.reduce((sum, value) => sum + value * value, 0) / squares).toBeCloseTo(
        1,
        10,
      );
    }
  });

  it('stops between two weights', async () => {
    const modules = [0, 1].map((layer) => `model.layers.${layer}.self_attn.q_proj`);
    expect((await decompose(modules, 1)).map(({ type }) => type)).toEqual(['decomposed-weight', 'cancelled']);
  });

  it('refuses a layer that the model lacks, and tells nothing of a model that changes meanwhile', async () => {
    await expect(decompose(['model.layers.9.q_proj'])).rejects.toThrow(
      'the model has no linear layer model.layers.9.q_proj',
    );
    const files = [...(await readModelFiles(model))];
    writeFileSync(join(model, 'tokenizer_config.json'), '{"changed":true}');
    const events: TrainerEvent[] = [];
    await expect(
      decomposeWeights(
        { modelDirectory: model, modelFiles: files, modules: ['model.layers.0.self_attn.q_proj'] },
        { emit: (event) => events.push(event), shouldStop: () => null },
      ),
    ).rejects.toThrow('the model has changed while it was in use');
    expect(events).toEqual([]);
  });
});
