import { cpSync, mkdirSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openPeftFolder } from '../../../main/engine/peft/folder.ts';
import { temporaryDirectory } from '../formats/temporary-directory.ts';

const root = temporaryDirectory();
const saved = fileURLToPath(new URL('fixtures/llama-lora', import.meta.url));
let count = 0;

const edited = (change: Record<string, unknown>): string => {
  const directory = join(root, String(count++));
  cpSync(saved, directory, { recursive: true });
  const path = join(directory, 'adapter_config.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
  return directory;
};

test.each([
  [{ bias: 'all' }, 'bias is "all": biases were trained with the adapter, which cannot be read'],
  [{ lora_bias: true }, 'lora_bias is true: the low-rank product has a bias'],
  [{ target_parameters: ['mlp.experts'] }, 'target_parameters is ["mlp.experts"]: parameters are adapted'],
  [{ use_qalora: true }, 'use_qalora is true: inputs are pooled'],
  [{ use_bdlora: { nblocks: 2 } }, 'use_bdlora is {"nblocks":2}: its matrices are block-diagonal'],
  [{ alora_invocation_tokens: [1, 2] }, 'alora_invocation_tokens is [1,2]: the adapter acts from certain'],
  [{ trainable_token_indices: [3] }, 'trainable_token_indices is [3]: rows of the embedding'],
  [
    { layer_replication: [[0, 2]] },
    'layer_replication is [[0,2]]: layers of the base model are used several',
  ],
  [{ megatron_config: { layers: 1 } }, 'megatron_config is {"layers":1}: layers are split over machines'],
  [{ kasa_config: { beta: 1 } }, 'kasa_config is {"beta":1}'],
  [{ use_future: 0.5 }, 'use_future is 0.5: not a setting that is known here, which cannot be read'],
  [{ peft_type: 'LOKR' }, 'peft_type is LOKR; LORA, VERA, ADALORA adapters can be read'],
])('%j is refused by its name', (change, message) => {
  const directory = edited(change);
  expect(() => openPeftFolder(directory)).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: expect.stringContaining(`${directory}/adapter_config.json: ${message}`),
    }),
  );
});

test('what is off, and what is only about how the adapter was made, is read', () => {
  const off = {
    use_future: null,
    lora_bias: false,
    target_parameters: [],
    use_bdlora: null,
    layer_replication: null,
  };
  const about = {
    auto_mapping: { base_model_class: 'LlamaForCausalLM' },
    peft_version: '0.99.0',
    eva_config: { rho: 2 },
    corda_config: { corda_method: 'ipm' },
    loftq_config: {},
    megatron_core: 'megatron.core',
    qalora_group_size: 16,
    task_type: 'CAUSAL_LM',
    revision: 'main',
  };
  expect(openPeftFolder(edited({ ...off, ...about })).config['peft_type']).toBe('LORA');
});

test('pickled weights, and a model, are not taken for an adapter', () => {
  const pickled = edited({});
  rmSync(join(pickled, 'adapter_model.safetensors'));
  writeFileSync(join(pickled, 'adapter_model.bin'), '');
  expect(() => openPeftFolder(pickled)).toThrow(
    `${join(pickled, 'adapter_model.bin')}: pickled weights can run programs and are not read; load the adapter with PEFT and save it again, which writes adapter_model.safetensors`,
  );
  const model = join(root, 'model');
  mkdirSync(model);
  writeFileSync(join(model, 'config.json'), '{}');
  expect(() => openPeftFolder(model)).toThrow(
    `${model}: is a model's folder, not an adapter's: it has config.json and no adapter_config.json`,
  );
});
