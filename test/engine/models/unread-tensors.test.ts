import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModelFolder, type ModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { describedModel, withHead } from '../../../main/engine/models/classifier/classifier-folder.ts';
import { readModel } from '../../../main/engine/models/model.ts';

const folderOf = (name: string): ModelFolder =>
  openModelFolder(join(import.meta.dirname, '../../numeric/fixtures', name, 'model'));
/** The folder with more tensors in its files, each like the first. */
const holding = (name: string, ...extra: string[]): ModelFolder => {
  const folder = folderOf(name);
  const [location] = folder.tensors.values();
  return {
    ...folder,
    tensors: new Map([...folder.tensors, ...extra.map((one) => [one, location!] as const)]),
  };
};
const refusalOf = (folder: ModelFolder): string => {
  try {
    readModel(folder);
  } catch (error) {
    return (error as Error).message.replace(`${folder.directory}: `, '');
  }
  return 'not refused';
};
const layer = 'model.layers.0';

describe('tensors that nothing reads', () => {
  it.each([
    ['llama', `${layer}.self_attn.rotary_emb.inv_freq`],
    ['llama', 'model.rotary_emb.inv_freq'],
    ['gpt2', 'transformer.h.0.attn.bias'],
    ['gpt2', 'h.1.attn.masked_bias'],
    ['bert_cls', 'bert.embeddings.position_ids'],
    ['bert_cls', 'cls.predictions.transform.dense.weight'],
    ['bert_cls', 'cls.seq_relationship.bias'],
    ['roberta_cls', 'lm_head.decoder.weight'],
    ['roberta_cls', 'roberta.pooler.dense.weight'],
  ])('say nothing: of %s, %s', (name, tensor) =>
    expect(readModel(holding(name, tensor)).notices).toEqual([]),
  );

  it('are told of where they are another head', () =>
    expect(readModel(holding('llama', 'v_head.summary.weight', 'v_head.summary.bias')).notices).toEqual([
      'The weights hold v_head.summary.weight and 1 more of another head, which is passed over and copied into exports as it is',
    ]));

  it.each([
    [
      'llama',
      [`${layer}.self_attn.q_proj.bias`, `${layer}.self_attn.k_proj.bias`],
      `the weights hold ${layer}.self_attn.q_proj.bias and 1 more, biases that config.json says the layers do not have; without them this would be another model`,
    ],
    ['llama', ['lm_head.bias'], 'the weights hold lm_head.bias, biases that config.json says'],
    [
      'llama',
      [`${layer}.self_attn.q_norm.weight`],
      'norms that a llama model with this config.json does not',
    ],
    ['llama', ['model.layers.2.mlp.up_proj.weight'], 'of layers beyond the 2 that config.json has'],
    ['gpt2', ['transformer.h.2.mlp.c_fc.bias'], 'of layers beyond the 2 that config.json has'],
    ['gpt2', ['transformer.h.0.crossattention.c_attn.weight'], 'nothing that a gpt2 model with this config'],
    ['bert_cls', ['bert.encoder.layer.7.output.dense.bias'], 'of layers beyond the'],
    ['llama', [`${layer}.self_attn.q_proj.lora_A.weight`], "an adapter's, not merged into the model"],
    ['llama', [`${layer}.self_attn.q_proj.base_layer.weight`], "an adapter's, not merged into the model"],
    ['llama', [`${layer}.mlp.up_proj.weight_scale`], 'of quantised weights'],
    ['llama', [`${layer}.mlp.up_proj.weight.quant_state.bitsandbytes__nf4`], 'of quantised weights'],
    [
      'llama',
      [`${layer}.mlp.up_proj.SCB`, 'other'],
      'of quantised weights, which are not read; use the model in F32, F16 or BF16, and 1 of other kinds',
    ],
    ['llama', [`${layer}.self_attn.sinks`], 'nothing that a llama model with this config.json has'],
    // GPT-2's mask has its name in GPT-2 only.
    ['llama', ['h.0.attn.bias'], 'biases that config.json says the layers do not have'],
  ])('are refused: of %s, %j', (name, tensors, message) =>
    expect(refusalOf(holding(name, ...tensors))).toContain(message),
  );

  it('are refused of an encoder that gets a head as well', () => {
    const folder = holding('bert_cls', 'bert.encoder.layer.0.extra.weight');
    const bare = {
      ...folder,
      tensors: new Map([...folder.tensors].filter(([name]) => !name.startsWith('classifier.'))),
    };
    expect(() => describedModel(bare)).toThrow('bert.encoder.layer.0.extra.weight');
    expect(() => withHead(bare, ['a', 'b'], new Map())).toThrow('bert.encoder.layer.0.extra.weight');
  });
});
