import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModel } from '../../../../main/engine/models/model.ts';
import { overlapInTrainer } from '../../../../main/services/comparisons/design/find-overlap.ts';
import { matchInTrainer } from '../../../../main/services/comparisons/design/match-arms.ts';
import { resolvedArms } from '../../../../main/services/comparisons/design/resolved-arm.ts';
import { definitionFrom } from '../../../../main/services/comparisons/design/templates/index.ts';
import { spawnChildTrainer } from '../../../../main/trainer/process/spawn-child.ts';
import { runSpecificationSchema } from '../../../../main/trainer/protocol/protocol.ts';
import { root } from '../../../support/paths.ts';

/** In a trainer process of its own, on the sample model and its data. */
const spawn = spawnChildTrainer(join(root, 'main/trainer/entry.ts'));
const modelDirectory = join(root, 'main/sample/model');
const layers = openModel(modelDirectory).targetLayers;
const definition = definitionFrom('equal-parameters', {
  ...{ model: 'm', dataset: 'd', layers, trainRows: 1000 },
  ...{ objective: 'next-token', drawnSides: null },
});
const arms = resolvedArms(definition);
const plain = arms.map(({ name, adapter, training }) => ({ name, adapter, training }));

describe('a design on the sample', () => {
  it('matches the arms, and tells what is left unequal', async () => {
    const { adapter, training } = arms[0]!;
    const { arms: matched, table } = await matchInTrainer(spawn)({
      modelDirectory,
      arms: plain,
      matching: definition.matching,
      steps: null,
      measured: [{ adapter, training, stepSeconds: 0.1, initialisationSeconds: 0.01 }],
    });
    expect(matched.map(({ isMatched }) => isMatched)).toEqual([true, true]);
    const measures = new Map(table.map((row) => [row.measure, row]));
    expect(measures.get('trained-parameters')!.isEqual).toBe(true);
    expect(measures.get('step-seconds')!.values[0]).toBeCloseTo(0.1, 9);
    expect([...measures.values()].every(({ values }) => values.every((value) => value !== null))).toBe(true);
  }, 60_000);

  it('refuses an arm that does not fit the model, by its field', async () => {
    const [arm] = plain;
    const adapter = { ...arm!.adapter, rank: 500 } as (typeof plain)[number]['adapter'];
    const question = {
      modelDirectory,
      arms: [{ ...arm!, adapter }],
      matching: null,
      steps: null,
      measured: [],
    };
    await expect(matchInTrainer(spawn)(question)).rejects.toThrow(
      'arm "LoRA": rank: 500 is larger than the matrix',
    );
  }, 60_000);

  it('finds no held-out row among the training rows', async () => {
    const specification = runSpecificationSchema.parse({
      ...{
        modelDirectory,
        adapter: arms[1]!.adapter,
        training: arms[1]!.training,
        seed: 0,
        resumeFrom: null,
      },
      runDirectory: join(tmpdir(), 'nora-never-written'),
      dataset: {
        trainFile: join(root, 'main/sample/data/moby-dick.train.jsonl'),
        validationFile: join(root, 'main/sample/data/moby-dick.validation.jsonl'),
        format: { kind: 'text', column: 'text' },
        validationFraction: 0.1,
      },
      date: '2026-01-01',
    });
    const overlap = await overlapInTrainer(spawn)([{ arm: 'NoRA', specification }]);
    expect(overlap).toMatchObject({ training: [], calibrations: [{ arm: 'NoRA', rows: 32, shared: [] }] });
    expect(Math.min(overlap.trainRows, overlap.heldOutRows)).toBeGreaterThan(10);
  }, 60_000);
});
