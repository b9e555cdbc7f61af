import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModelFolder, type ModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { targetName } from '../../../main/engine/models/architecture.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { buildForward, readModel } from '../../../main/engine/models/model.ts';
import { graphOf } from './graph-text.ts';

const fixtures = join(import.meta.dirname, '../../numeric/fixtures');
const folder = openModelFolder(join(fixtures, 'clip/model'));
type Config = Readonly<Record<string, unknown>>;
const changed = (changes: Config): ModelFolder => ({ ...folder, config: { ...folder.config, ...changes } });
const text = folder.config['text_config'] as Config;
const vision = folder.config['vision_config'] as Config;
const graph = graphOf(readModel(folder));

/** What files of 2021 and 2022 say in each part beside the sizes: every default of their day. */
const defaultsOfTheDay = {
  _name_or_path: '',
  add_cross_attention: false,
  architectures: null,
  bad_words_ids: null,
  cross_attention_hidden_size: null,
  diversity_penalty: 0.0,
  do_sample: false,
  dropout: 0.0,
  early_stopping: false,
  exponential_decay_length_penalty: null,
  forced_bos_token_id: null,
  gradient_checkpointing: false,
  id2label: { 0: 'LABEL_0', 1: 'LABEL_1' },
  initializer_factor: 1.0,
  is_decoder: false,
  is_encoder_decoder: false,
  label2id: { LABEL_0: 0, LABEL_1: 1 },
  length_penalty: 1.0,
  max_length: 20,
  num_beams: 1,
  output_scores: false,
  prefix: null,
  problem_type: null,
  pruned_heads: {},
  repetition_penalty: 1.0,
  return_dict: true,
  temperature: 1.0,
  tf_legacy_loss: false,
  tie_encoder_decoder: false,
  tie_word_embeddings: true,
  top_k: 50,
  top_p: 1.0,
  torch_dtype: null,
  torchscript: false,
  transformers_version: '4.16.0.dev0',
  typical_p: 1.0,
  use_bfloat16: false,
};

describe('the configuration', () => {
  it('may be in the form of the first files', () =>
    expect(
      graphOf(
        readModel(
          changed({
            text_config: { ...text, ...defaultsOfTheDay },
            text_config_dict: text,
            vision_config: { ...vision, ...defaultsOfTheDay },
            vision_config_dict: vision,
            initializer_factor: 1,
          }),
        ),
      ),
    ).toBe(graph));

  it('counts as text_config_dict has it where that is there, with defaults for what it leaves out', () => {
    expect(graphOf(readModel(changed({ text_config: { hidden_size: 8 }, text_config_dict: text })))).toBe(
      graph,
    );
    const { num_attention_heads: _, ...others } = text;
    expect(() => readModel(changed({ text_config_dict: others, text_config: text }))).not.toThrow();
    expect(graphOf(readModel(changed({ text_config_dict: others, text_config: text })))).toBe(
      graphOf(readModel(changed({ text_config: { ...text, num_attention_heads: 8 } }))),
    );
  });

  it.each<[Config, string]>([
    [
      { vision_config: { ...vision, patch_size: 17 } },
      'vision_config: patch_size 17 is larger than image_size 16',
    ],
    [{ text_config: { ...text, num_attention_heads: 5 } }, 'text_config: hidden_size 24 does not divide'],
    [{ text_config: 7 }, 'text_config is 7, not an object'],
    [{ vision_config: { ...vision, num_channels: 4 } }, 'vision_config: num_channels'],
    [{ vision_config: { ...vision, image_size: [16, 16] } }, 'vision_config: image_size'],
    [{ vision_config: { ...vision, use_head: true } }, 'vision_config: use_head is set to true'],
    [{ projection_dim: 24 }, 'config.json makes it'],
  ])('is refused by name: %j', (changes, message) =>
    expect(() => readModel(changed(changes))).toThrow(message),
  );
});

it('has the linear sites of both towers, by the names of transformers', () => {
  const { linearLayers, targetLayers } = readModel(folder);
  const modules = linearLayers.map(({ module }) => module);
  expect(modules).toHaveLength(2 * 2 * 6 + 2);
  expect(modules).toContain('vision_model.encoder.layers.1.self_attn.q_proj');
  expect(modules).toContain('text_model.encoder.layers.0.mlp.fc2');
  expect(modules.slice(-1)).toEqual(['text_projection']);
  expect(targetLayers.filter(({ role }) => role === 'embedding').map(targetName)).toEqual([
    'token_embedding',
    'position_embedding',
  ]);
});

describe('a text stands for itself at its end', () => {
  const endOf = (changes: Config, ids: number[]): number =>
    readModel(changed({ text_config: { ...text, ...changes } })).architecture.towers!.texts.endOf(ids);

  it('which is the first token that config.json names', () => {
    expect(endOf({}, [58, 3, 59, 59])).toBe(2);
    expect(endOf({ eos_token_id: 7 }, [58, 3, 7, 59])).toBe(2);
  });

  it('or the largest, where config.json has the 2 of older files', () =>
    expect(endOf({ eos_token_id: 2 }, [58, 2, 59, 59])).toBe(2));

  it('and a text without one is refused', () =>
    expect(() => endOf({}, [58, 3])).toThrow('a text of 2 tokens has no end: token 59'));
});

describe('of the last layer of each tower', () => {
  /** What the layers see a row for, by their modules. */
  const rowsSeen = (everyRow: boolean): ReadonlyMap<string, unknown> => {
    const rows = new Map<string, unknown>();
    buildForward(createGraphBuilder(), readModel(folder), {
      positions: 8,
      everyRow,
      adapt: ({ layer: { module }, input }) => void rows.set(module, input.shape[0]),
    });
    return rows;
  };
  const sites = ['q_proj', 'out_proj', 'k_proj', 'v_proj'].map((name) => `self_attn.${name}`);
  const ofLast = (rows: ReadonlyMap<string, unknown>, tower: string): unknown[] =>
    [...sites, 'mlp.fc1', 'mlp.fc2'].map((name) => rows.get(`${tower}.encoder.layers.1.${name}`));

  it('only the rows that stand for pictures and texts are computed, but for keys and values', () => {
    const rows = rowsSeen(false);
    const [picture, text] = ['images', 'batch'];
    const [patches, tokens] = ['17*images', 'batch*sequence'];
    expect(ofLast(rows, 'vision_model')).toEqual([picture, picture, patches, patches, picture, picture]);
    expect(ofLast(rows, 'text_model')).toEqual([text, text, tokens, tokens, text, text]);
    expect(rows.get('vision_model.encoder.layers.0.mlp.fc2')).toBe(patches);
  });

  it('calibration counts every row', () => {
    const rows = rowsSeen(true);
    expect(new Set(ofLast(rows, 'vision_model'))).toEqual(new Set(['17*images']));
    expect(new Set(ofLast(rows, 'text_model'))).toEqual(new Set(['batch*sequence']));
  });
});
