import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { selectTargets } from '../../../main/engine/adapters/layer/target-modules.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import type { MemoryMode } from '../../../main/engine/autodiff/memory-mode.ts';
import type { BaseFormat } from '../../../main/engine/base/base-format.ts';
import { initialiseAdapter } from '../../../main/engine/init/initialise-adapter.ts';
import { peakOf } from '../../../main/engine/memory/peak.ts';
import { planRun } from '../../../main/engine/memory/plan-run.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { modelShapes } from '../../../main/engine/models/shapes.ts';
import { withBaseFormat } from '../../../main/engine/models/weights/quantized-base.ts';
import { writeRandomModel } from '../../../main/engine/models/weights/random-weights.ts';
import { objectiveOf } from '../../../main/engine/objectives/index.ts';
import { unwatched } from '../../../main/engine/runtime/profile/profiler.ts';
import type { Session } from '../../../main/engine/runtime/session.ts';
import { createTrainer } from '../../../main/engine/train/trainer.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import { describeWith } from '../../support/requirements.ts';

const [batchSize, sequenceLength] = [2, 128];
const directory = mkdtempSync(join(tmpdir(), 'nora-plan-'));
afterAll(() => rmSync(directory, { recursive: true }));
writeRandomModel({
  directory,
  config: { ...modelShapes['smollm2-135m'], num_hidden_layers: 6, vocab_size: 2048 },
  dtype: 'F32',
  seed: 1,
});

/** What a step's graph takes by its plan, and what the arena of its session counts. */
const planned = async (memory: MemoryMode, base: BaseFormat): Promise<{ plan: number; used: number }> => {
  const model = withBaseFormat(openModel(directory), base, { device: 'cpu' });
  const settings = adapterSettingsSchema.parse({ method: 'lora', rank: 8 });
  const description = describeAdapter(settings);
  const layers = selectTargets(model.targetLayers, settings);
  const values = await initialiseAdapter({
    model,
    description,
    layers,
    seed: 1,
    calibrate: async () => new Map(),
  });
  const opened: Session[] = [];
  const { outputs, vocabularySize, towers } = model.architecture;
  const objective = objectiveOf(model.architecture);
  const size = { batchSize, sequenceLength, labels: null, seed: 1, outputs, vocabularySize, towers };
  const labels = objective.labelsAtMost(size);
  const trainer = await createTrainer({
    model,
    adapter: { description, layers, values },
    trainedWeights: [],
    positions: sequenceLength,
    labels,
    memory,
    optimizer: trainingSettingsSchema.parse({}),
    gradientAccumulation: 1,
    threads: 2,
    profiler: {
      ...unwatched,
      session: async (graph, options) => {
        const session = await unwatched.session(graph, options);
        opened.push(session);
        return session;
      },
    },
  });
  await trainer.step([objective.randomBatch(size)], 1e-4);
  const [session] = opened as [Session];
  const used = session.mostInUse?.() ?? NaN;
  await trainer.release();
  const extents = objective.extents({ batchSize, sequenceLength }, { labels, outputs });
  return { plan: peakOf(planRun(session.graph, extents)), used };
};

describeWith('native', 'a plan and what its session takes', () => {
  it.each([
    ['fast', 'fp32'],
    ['low', 'fp32'],
    ['fast', 'int8'],
    ['low', 'int8'],
  ] as const)('agree: %s, %s', async (memory, base) => {
    const { plan, used } = await planned(memory, base);
    expect(Math.abs(plan / used - 1)).toBeLessThan(0.1);
  });
});
