import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  adapterSettingsSchema,
  describeAdapter,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { layerAdapter, startsAtBase } from '../../../main/engine/adapters/layer/layer-adapter.ts';
import { checkAdapterFits } from '../../../main/engine/adapters/layer/adapter-fits.ts';
import { selectTargets } from '../../../main/engine/adapters/layer/target-modules.ts';
import { calibrate } from '../../../main/engine/init/calibration.ts';
import { weightName } from '../../../main/engine/models/architecture.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { readBatches } from '../../numeric/golden/golden-folder.ts';
import { tokenFields } from '../../../main/engine/data/batches/token-batch.ts';

const fixtures = join(import.meta.dirname, '../../numeric/fixtures');
const modelOf = (name: string) => openModel(join(fixtures, name, 'model'));
const [untied, tied] = [modelOf('llama'), modelOf('llama_rope_scaled')];
const targets = (model: typeof tied, settings: object): string[] =>
  selectTargets(
    model.targetLayers,
    adapterSettingsSchema.parse({ method: 'lora', rank: 4, ...settings }),
  ).map(({ module }) => module);
const messageOf = (model: typeof tied, settings: object): string | undefined => {
  try {
    checkAdapterFits(model, adapterSettingsSchema.parse(settings));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

describe('embeddings and heads as targets', () => {
  it.each([
    ['llama', ['model.embed_tokens', 'lm_head']],
    ['llama_rope_scaled', ['model.embed_tokens', 'lm_head']],
    ['gemma3_text', ['model.embed_tokens', 'lm_head']],
    ['gpt2', ['transformer.wte', 'transformer.wpe', 'lm_head']],
    ['bert_cls', ['bert.embeddings.word_embeddings', 'bert.embeddings.position_embeddings', 'classifier']],
  ])('%s has them', (name, expected) => {
    const { targetLayers, linearLayers } = modelOf(name);
    const special = targetLayers.filter(({ role = 'hidden' }) => role !== 'hidden');
    expect(special.map(({ module }) => module)).toEqual(expected);
    expect(linearLayers.some((layer) => special.includes(layer))).toBe(false);
  });

  it.each([untied, tied])('are chosen by name and by expression, never by all-linear', (model) => {
    expect(targets(model, { targetModules: ['embed_tokens', 'lm_head'] })).toEqual([
      'model.embed_tokens',
      'lm_head',
    ]);
    expect(targets(model, { targetModules: '.*embed_tokens' })).toEqual(['model.embed_tokens']);
    expect(targets(model, { targetModules: 'all-linear' })).toEqual(
      model.linearLayers.map(({ module }) => module),
    );
  });

  it('tell whose weight a tied head has', () => {
    const names = ({ targetLayers }: typeof tied): string[] =>
      targetLayers.filter(({ role }) => role !== undefined).map(weightName);
    expect(names(tied)).toEqual(['model.embed_tokens.weight', 'model.embed_tokens.weight']);
    expect(names(untied)).toEqual(['model.embed_tokens.weight', 'lm_head.weight']);
  });

  it('start an embedding with A at zero, unless A stays as it is drawn', () => {
    const [embedding] = untied.targetLayers;
    const starts = (method: string): (string | undefined)[] => {
      const { left, right } = layerAdapter(
        describeAdapter(adapterSettingsSchema.parse({ method, rank: 4 })),
        embedding!,
      );
      return [right, left].map((side) => side[0]?.[0]?.start.kind);
    };
    expect(starts('lora')).toEqual(['zeros', 'normal']);
    expect(starts('dora')).toEqual(['zeros', 'normal']);
    expect(starts('lorafa')).toEqual(['kaiming', 'zeros']);
    const lora = describeAdapter(adapterSettingsSchema.parse({ method: 'lora', rank: 4 }));
    expect(startsAtBase(layerAdapter(lora, embedding!))).toBe(true);
  });

  it('have token shares as statistics', async () => {
    const batches = readBatches(join(fixtures, 'llama'));
    const [embedding] = untied.targetLayers;
    const of = (firstTokenCounts: boolean) =>
      calibrate({
        model: untied,
        layers: [embedding!],
        batches,
        positions: 12,
        statistics: ['mean-absolute', 'mean-square', 'maximum'],
        firstTokenCounts,
        threads: 1,
      });
    for (const firstTokenCounts of [true, false]) {
      const counts = new Array<number>(128).fill(0);
      for (const { inputIds, attentionMask, positionIds } of batches.map(tokenFields))
        inputIds.forEach((id, at) => {
          if (attentionMask[at] === 1n && (firstTokenCounts || positionIds[at] !== 0n)) counts[Number(id)]!++;
        });
      const tokens = counts.reduce((sum, count) => sum + count, 0);
      const statistics = (await of(firstTokenCounts)).get('model.embed_tokens')!;
      expect([...statistics['mean-absolute']!]).toEqual(counts.map((count) => count / tokens));
      expect(statistics['mean-square']).toEqual(statistics['mean-absolute']);
      expect([...statistics.maximum!]).toEqual(counts.map((count) => (count > 0 ? 1 : 0)));
    }
  });
});

describe('what cannot be', () => {
  const embed = { targetModules: ['embed_tokens'] };
  it.each([
    [
      { method: 'corda', ...embed },
      "method: corda takes all 128 x 128 products of model.embed_tokens's inputs, which is too many for an embedding; leave it out of targetModules",
    ],
    [
      { method: 'nora', outerRank: 8, innerRank: 4, activationMatrix: { kind: 'cholesky' }, ...embed },
      "activationMatrix: cholesky takes all 128 x 128 products of model.embed_tokens's inputs, which is too many for an embedding; leave it out of targetModules",
    ],
    [
      { method: 'nora', outerRank: 8, innerRank: 4, activationMatrix: { kind: 'coala' }, ...embed },
      "activationMatrix: coala takes all 128 x 128 products of model.embed_tokens's inputs, which is too many for an embedding; leave it out of targetModules",
    ],
    [
      { method: 'eva', ...embed },
      "method: eva takes all 128 x 128 products of model.embed_tokens's inputs, which is too many for an embedding; leave it out of targetModules",
    ],
    [
      { method: 'lora', modulesToSave: ['lm_head'] },
      'modulesToSave: lm_head has the weight of model.embed_tokens in this model; name model.embed_tokens, which trains both as one',
    ],
    [
      { method: 'lora', targetModules: ['lm_head'], modulesToSave: ['embed_tokens'] },
      'targetModules: lm_head has the weight of model.embed_tokens in this model, which modulesToSave trains whole',
    ],
  ])('%j', (settings, message) => expect(messageOf(tied, settings)).toBe(message));

  it('is no matter where the head is a layer of its own', () => {
    expect(messageOf(untied, { method: 'lora', modulesToSave: ['lm_head'] })).toBeUndefined();
    expect(
      messageOf(untied, { method: 'lora', targetModules: ['lm_head'], modulesToSave: ['embed_tokens'] }),
    ).toBeUndefined();
  });
});
