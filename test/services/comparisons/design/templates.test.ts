import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkAdapterFits } from '../../../../main/engine/adapters/layer/adapter-fits.ts';
import { matchArm } from '../../../../main/engine/budgets/match-budgets.ts';
import { trainedParameterCount, type CountedModel } from '../../../../main/engine/budgets/parameter-costs.ts';
import { fillTemplate } from '../../../../main/engine/data/files/dataset-format.ts';
import { listWeights, openModel } from '../../../../main/engine/models/model.ts';
import { readArchitecture } from '../../../../main/engine/models/architectures/index.ts';
import { modelShapes } from '../../../../main/engine/models/shapes.ts';
import { confoundsOf } from '../../../../main/services/comparisons/design/confounds.ts';
import { resolvedArms } from '../../../../main/services/comparisons/design/resolved-arm.ts';
import {
  comparisonTemplates,
  definitionFrom,
  findTemplate,
} from '../../../../main/services/comparisons/design/templates/index.ts';
import { root } from '../../../support/paths.ts';

/** Of every size: SmolLM2's and Llama's shapes, the sample, and one that names its layers otherwise. */
const models: Readonly<Record<string, CountedModel>> = {
  ...Object.fromEntries(
    Object.entries(modelShapes).map(([name, config]) => [name, listWeights(readArchitecture(config, name))]),
  ),
  sample: openModel(join(root, 'main/sample/model')),
};
const gpt2 = openModel(join(root, 'test/numeric/fixtures/gpt2/model'));

const request = (name: string, more: object = {}) => ({
  ...{ model: 'm', dataset: 'd', trainRows: 170_420 },
  layers: models[name]!.targetLayers,
  objective: 'next-token' as const,
  drawnSides: null,
  ...more,
});

const pairs = Object.keys(models).flatMap((model) =>
  comparisonTemplates.map(({ name }) => [name, model] as const),
);

/** As a library describes them: attention of a U-Net of pictures, with the size that it draws. */
const drawing = openModel(join(root, 'test/numeric/fixtures/sd15/model'));
const drawingRequest = {
  ...{ model: 'm', dataset: 'd', trainRows: 5, layers: drawing.targetLayers },
  ...{ objective: 'noise' as const, drawnSides: { usual: 16, multipleOf: 8 } },
};

describe('designs for a model that draws', () => {
  const designs = comparisonTemplates.filter(({ datasetFormat }) => datasetFormat === null);

  it.each(designs.map(({ name }) => [name]))('%s adapts attention, in its own size', (name) => {
    const definition = definitionFrom(name, drawingRequest);
    expect(definition.training).toMatchObject({ batchSize: 1, diffusion: { resolution: 16 } });
    for (const { adapter } of definition.arms) {
      expect(adapter).toMatchObject({ targetModules: ['to_q', 'to_k', 'to_v', 'to_out.0'] });
      checkAdapterFits(drawing, adapter);
    }
  });

  it('leave the size to the settings where it is not known', () => {
    const { training } = definitionFrom('equal-rank', { ...drawingRequest, drawnSides: null });
    expect(training.diffusion).toBeNull();
  });
});

it('a design for a model of pictures and words adapts queries, keys and values', () => {
  const { arms } = definitionFrom('equal-rank', request('sample', { objective: 'class-prompts' }));
  for (const { adapter } of arms)
    expect(adapter).toMatchObject({ targetModules: ['q_proj', 'k_proj', 'v_proj'] });
});

describe('templates', () => {
  it.each(pairs)('%s fits %s, and its arms are brought to one budget', (name, modelName) => {
    const model = models[modelName]!;
    const definition = definitionFrom(name, request(modelName));
    for (const { adapter } of definition.arms) checkAdapterFits(model, adapter);
    if (definition.matching === null) return;
    const context = { model: model as never, steps: null, rates: null };
    const [first, ...others] = resolvedArms(definition);
    const target = trainedParameterCount(model, first!.adapter);
    for (const arm of others) {
      const matched = matchArm(arm, target, definition.matching, context);
      expect(matched).toMatchObject({ changed: true, isMatched: true });
      checkAdapterFits(model, matched.adapter);
    }
  });

  it.each(comparisonTemplates.map(({ name }) => [name]))(
    '%s is described for a menu, in a sentence',
    (name) => {
      const { title, description } = findTemplate(name);
      expect(title).not.toBe('');
      expect(description).toMatch(/[.?]$/);
      expect(description.length).toBeLessThan(160);
    },
  );

  it('have no confounds that they do not name themselves, but for what costs are compared by', () => {
    const left = Object.fromEntries(
      comparisonTemplates.map(({ name }) => {
        const definition = definitionFrom(name, request('smollm2-135m'));
        const layers = models['smollm2-135m']!.targetLayers;
        const arms = resolvedArms(definition);
        const context = { definition, arms, budgets: null, overlap: null, layers };
        return [name, confoundsOf(context).map((confound) => confound.name)];
      }),
    );
    expect(left).toEqual({
      'equal-parameters': [],
      'equal-rank': [],
      'rank-ladder': [],
      'inner-rank-ladder': [],
      'activation-matrices': [],
      savings: ['untuned-learning-rate', 'scaling'],
      commonsense: ['learning-rate', 'picked-on-held-out'],
      math: ['learning-rate', 'picked-on-held-out'],
    });
  });

  it('try nine matrices and two controls', () => {
    const { arms } = definitionFrom('activation-matrices', request('sample'));
    const kinds = arms.map(
      ({ adapter }) => (adapter as { activationMatrix: { kind: string } }).activationMatrix.kind,
    );
    expect(kinds).toHaveLength(11);
    expect(kinds.slice(-2)).toEqual(['random', 'shuffled']);
  });

  it('train a new head in every arm where the model needs one', () => {
    const { arms } = definitionFrom('equal-parameters', request('sample', { modulesToSave: ['score'] }));
    for (const { adapter } of arms) expect(adapter).toMatchObject({ modulesToSave: ['score'] });
  });

  it('are refused by name', () => {
    expect(() => findTemplate('rank-lader')).toThrow(
      'template: there is no "rank-lader"; did you mean rank-ladder?',
    );
    const gpt = { ...request('sample', { trainRows: 1000 }), layers: gpt2.targetLayers };
    expect(() => definitionFrom('commonsense', gpt)).toThrow(
      'this model has no q_proj, k_proj, v_proj, up_proj, down_proj',
    );
    expect(() => definitionFrom('math', request('sample', { trainRows: 100 }))).toThrow(
      'dataset: has 100 rows, of which the protocol holds out 120',
    );
    expect(() => definitionFrom('math', request('sample', { files: { boolq: 'a.json' } }))).toThrow(
      'files: the protocol has no task boolq',
    );
  });
});

describe('the published protocol', () => {
  const files = { boolq: '/data/boolq.json', 'ARC-Easy': '/data/arc.json' };
  const definition = definitionFrom('commonsense', request('llama3.2-1b', { files }));

  it('has its settings', () => {
    expect(definition.training).toMatchObject({
      ...{ batchSize: 16, epochs: 3, learningRate: 3e-4, sequenceLength: 256, lossOn: 'all' },
      ...{ schedule: 'linear', warmupSteps: 100, weightDecay: 0, evaluateEvery: 80, keepBest: true },
    });
    expect(Math.round(definition.validationFraction * 170_420)).toBe(120);
    expect(definition.arms[0]!.adapter).toMatchObject({
      ...{ method: 'lora', rank: 32, alpha: 64, dropout: 0.05 },
      targetModules: ['q_proj', 'k_proj', 'v_proj', 'up_proj', 'down_proj'],
    });
  });

  it('scores by its rules', () => {
    expect(definition.tasks).toMatchObject([
      { kind: 'held-out' },
      { name: 'boolq', rule: 'llm-adapters-true-false', file: '/data/boolq.json' },
      { name: 'ARC-Easy', rule: 'llm-adapters-answer' },
    ]);
  });

  it('has its prompts, letter by letter', () => {
    const sixteen = '                ';
    const training = findTemplate('commonsense').datasetFormat as { prompt: string };
    const evaluation = (definition.tasks[1] as unknown as { format: { prompt: string } }).format;
    const filled = (prompt: string) => fillTemplate(prompt, () => 'Is it?');
    const first =
      'Below is an instruction that describes a task. Write a response that appropriately completes the request.';
    expect(filled(training.prompt)).toBe(
      `${first}  \n\n${sixteen}### Instruction:\n${sixteen}Is it?\n${sixteen}\n${sixteen}### Response:\n${sixteen}`,
    );
    expect(filled(evaluation.prompt)).toBe(
      `${first} \n\n${sixteen}### Instruction:\n${sixteen}Is it?\n\n${sixteen}### Response:\n${sixteen}`,
    );
  });
});
