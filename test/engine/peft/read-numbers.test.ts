import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAdapter, writeAdapter } from '../../../main/engine/adapters/folder/adapter-folder.ts';
import { describeAdapter } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { foldLayer, mergeLayer } from '../../../main/engine/adapters/layer/fold.ts';
import { readPeft } from '../../../main/engine/peft/index.ts';
import { lora } from '../../../main/engine/peft/forms/lora/index.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { writeLoraFolder } from '../../support/lora-folder.ts';
import { temporaryDirectory } from '../formats/temporary-directory.ts';

const root = temporaryDirectory();
const model = openModel(join(import.meta.dirname, '../../numeric/fixtures/llama/model'));
const layer = model.targetLayers.find(({ module }) => module === 'model.layers.0.self_attn.q_proj')!;
const { outFeatures, inFeatures, module } = layer;
const rank = 2;
const loraA = Float32Array.from({ length: rank * inFeatures }, (_, at) => ((at * 7) % 11) - 5);
const loraB = Float32Array.from({ length: outFeatures * rank }, (_, at) => ((at * 5) % 9) - 4);
const weight = Float32Array.from({ length: outFeatures * inFeatures }, (_, at) => ((at * 3) % 13) - 6);

let count = 0;
/** A folder as PEFT writes it, with these values in its configuration. */
const folderWith = (changes: object): string =>
  writeLoraFolder(join(root, String(count++)), {
    modules: [{ module, loraA, loraB, inFeatures, outFeatures }],
    config: { target_modules: ['q_proj'], ...changes },
  });

/** W + scaling B A, in whole numbers, which floats hold exactly. */
const expected = (scaling: number): Float32Array =>
  Float32Array.from(weight, (value, at) => {
    const [row, column] = [Math.floor(at / inFeatures), at % inFeatures];
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += loraB[row * rank + k]! * loraA[k * inFeatures + column]!;
    return value + scaling * sum;
  });

describe('an adapter means what it means in PEFT, whatever its numbers', () => {
  it.each<[string, object, number]>([
    ['an alpha of zero adds nothing', { lora_alpha: 0 }, 0],
    ['one below zero takes away', { lora_alpha: -8 }, -4],
    ['so does a pattern', { lora_alpha: 8, alpha_pattern: { q_proj: -2 } }, -1],
    ['dropout is of training alone', { lora_dropout: 1 }, 4],
    ['below zero it is none', { lora_dropout: -0.5 }, 4],
    ['names that nothing has are no targets', { target_modules: ['q_proj', 'c_attn'] }, 4],
    ['nor is an empty list of them', { target_modules: [] }, 4],
    ['nor an expression of another kind', { target_modules: '(?i).*Q_PROJ' }, 4],
    ['what is left out may not be there', { exclude_modules: ['vision'] }, 4],
  ])('%s', async (_, changes, scaling) => {
    const read = readPeft(folderWith(changes), model.targetLayers, {});
    const merged = (settings: typeof read.settings, values: typeof read.values): Float32Array =>
      mergeLayer(foldLayer(describeAdapter(settings), layer, values), weight);
    expect(merged(read.settings, read.values)).toEqual(expected(scaling));

    const directory = join(root, String(count++));
    await writeAdapter(directory, { ...read });
    const again = readAdapter(directory);
    expect(merged(again.settings, again.values)).toEqual(expected(scaling));
  });

  it('and goes out with the numbers that it came with', () => {
    const read = readPeft(folderWith({ lora_alpha: -8, lora_dropout: 1 }), model.targetLayers, {});
    const { config } = lora.write(
      { ...read, residual: 'in-base' },
      {
        baseModel: null,
        targetModules: ['q_proj'],
        modulesToSave: [],
        savedWeights: [],
        tiesWeights: false,
        fanInFanOut: false,
        taskType: null,
      },
    );
    expect(config).toMatchObject({ lora_alpha: -8, lora_dropout: 1, r: rank });
  });
});

describe('what PEFT refuses, or makes NaN of, is refused by its name', () => {
  it.each<[object, string]>([
    [{ layers_to_transform: [-1] }, 'layers_to_transform[0]: expected at least 0, not -1'],
    [{ layers_to_transform: -1 }, 'layers_to_transform: expected at least 0, not -1'],
    [{ lora_dropout: 1.5 }, 'lora_dropout: expected at most 1, not 1.5'],
    [{ lora_alpha: 'eight' }, 'lora_alpha: expected a number, not "eight"'],
    [{ lora_alpha: null }, 'lora_alpha: expected a number, not null'],
    [{ r: 0 }, 'r: expected at least 1, not 0'],
    [{ r: 1e6 }, 'r: expected at most 65,536, not 1000000'],
    [{ rank_pattern: { q_proj: 1.5 } }, 'rank_pattern.q_proj: expected a whole number, not 1.5'],
    [{ alpha_pattern: { q_proj: 'x' } }, 'alpha_pattern.q_proj: expected a number, not "x"'],
    [{ target_modules: 5 }, 'target_modules: expected text or a list, not 5'],
    [{ init_lora_weights: 'pissa', lora_alpha: -8 }, 'lora_alpha: -8 together with init_lora_weights pissa'],
  ])('%j', (changes, message) => {
    const directory = folderWith(changes);
    expect(() => readPeft(directory, model.targetLayers, {})).toThrow(`adapter_config.json: ${message}`);
  });
});
