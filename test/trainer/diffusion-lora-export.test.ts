import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readAdapter, writeAdapter } from '../../main/engine/adapters/folder/adapter-folder.ts';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { readSafetensorsHeader, readTensorFloat32 } from '../../main/engine/formats/safetensors.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { noise } from '../../main/engine/objectives/noise.ts';
import { exportRun } from '../../main/trainer/export/export-run.ts';
import { importAdapter } from '../../main/trainer/export/import-adapter.ts';
import type { ExportKind, ExportSummary, TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { movedAdapter, startedAdapter } from '../support/moved-adapter.ts';
import { writeTinyDiffusion } from '../support/small-pipeline.ts';

const scratch = mkdtempSync(join(tmpdir(), 'nora-diffusion-lora-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const fixture = (name: string): string => join(import.meta.dirname, '../numeric/fixtures', name, 'model');

const attention = ['to_q', 'to_k', 'to_v', 'to_out.0'];
const convolutions = ['conv1', 'conv2', 'conv', 'conv_shortcut', 'time_emb_proj'];
const everywhere = [...attention, 'proj_in', 'proj_out', 'ff.net.0.proj', 'ff.net.2', ...convolutions];
const texts = ['q_proj', 'v_proj', 'fc1'];

const adapters = {
  lora: { method: 'lora', rank: 3, alpha: 6, targetModules: [...everywhere, ...texts] },
  pissa: { method: 'pissa', rank: 2, alpha: 2, targetModules: attention },
  nora: { method: 'nora', outerRank: 5, innerRank: 2, alpha: 4, targetModules: [...everywhere, ...texts] },
  dora: { method: 'dora', rank: 2, alpha: 3, targetModules: [...everywhere, ...texts] },
} as const;

const once = <Given extends string[], T>(
  make: (...given: Given) => Promise<T>,
): ((...given: Given) => Promise<T>) => {
  const made = new Map<string, Promise<T>>();
  return (...given) => {
    const key = given.join(' ');
    if (!made.has(key)) made.set(key, make(...given));
    return made.get(key)!;
  };
};

const adapterOn = once(async (modelDirectory: string, name: string) => {
  const model = openModel(modelDirectory);
  const settings = adapterSettingsSchema.parse(adapters[name as keyof typeof adapters]);
  const { moved } = movedAdapter(await startedAdapter(model, [noise.samples(model)], settings));
  const { layers, values } = moved.adapter;
  const directory = mkdtempSync(join(scratch, 'adapter-'));
  rmSync(directory, { recursive: true });
  await writeAdapter(directory, { settings, layers, values, weights: [] });
  return directory;
});

interface Exported extends ExportSummary {
  /** Of its one .safetensors. */
  readonly path: string;
}

const exported = once(
  async (kind: ExportKind, modelDirectory: string, adapterDirectory: string): Promise<Exported> => {
    const events: TrainerEvent[] = [];
    const destination = join(mkdtempSync(join(scratch, 'export-')), 'My dog');
    await exportRun(
      {
        kind,
        modelDirectory,
        adapterDirectory,
        destination,
        baseModelName: 'tiny',
        threads: 1,
      },
      { emit: (event) => void events.push(event), shouldStop: () => null },
    );
    const last = events.at(-1)!;
    if (last.type !== 'exported') throw new Error(last.type);
    const file = last.summary.files.find((one) => one.endsWith('.safetensors'))!;
    return { ...last.summary, path: join(destination, file) };
  },
);

const imported = async (modelDirectory: string, source: string): Promise<string> => {
  const destination = join(mkdtempSync(join(scratch, 'import-')), 'adapter');
  await importAdapter(
    { modelDirectory, peftDirectory: source, destination, onResidualBase: false, threads: 1 },
    { emit: () => undefined, shouldStop: () => null },
  );
  return destination;
};

const modulesOf = (directory: string): string[] =>
  readAdapter(directory)
    .layers.map(({ module }) => module)
    .sort();

it.each([
  ['sd15', 'lora'],
  ['sdxl', 'nora'],
])('on %s a %s goes out and comes back', async (base, name) => {
  const model = fixture(base);
  const adapter = await adapterOn(model, name);
  const kohya = await exported('kohya', model, adapter);
  // Half precision has eleven bits.
  expect(kohya.largestLogitDifference).toBeLessThan(5e-3 * kohya.largestLogit);
  expect(kohya.largestLogit).toBeGreaterThan(0.1);
  const diffusers = await exported('diffusers', model, adapter);
  expect(diffusers.files).toEqual(['merge-certificate.json', 'pytorch_lora_weights.safetensors']);
  expect(diffusers.largestLogitDifference).toBeLessThan(1e-5 * diffusers.largestLogit);

  const back = await imported(model, diffusers.destination);
  expect(modulesOf(back)).toEqual(modulesOf(adapter));
  // What came out of half precision goes into it again as it is.
  const again = await exported('kohya', model, await imported(model, kohya.path));
  expect(again.largestLogitDifference).toBe(0);
  expect(again.notices![0]).toContain('My dog.safetensors in their folder of LoRA');
});

it.each(['sd15', 'sdxl'])(
  'on %s a DoRA goes out for diffusers, with its lengths, and comes back',
  async (base) => {
    const model = fixture(base);
    const adapter = await adapterOn(model, 'dora');
    const { path, destination, notices, largestLogit, largestLogitDifference } = await exported(
      'diffusers',
      model,
      adapter,
    );
    expect(largestLogitDifference).toBeLessThan(1e-5 * largestLogit);
    expect(notices![1]).toContain('programs other than diffusers leave the lengths of DoRA out');
    const header = readSafetensorsHeader(path);
    const { layers, values } = readAdapter(adapter);
    for (const { module, outFeatures, kernel } of layers) {
      const name = `${module}.lora_magnitude_vector.weight`;
      expect(header.tensors.get(name)!.shape).toEqual(kernel ? [1, outFeatures, 1, 1] : [outFeatures]);
      expect(readTensorFloat32(header, name)).toEqual(values.get(`${module}.magnitude`));
    }
    expect(JSON.parse(header.metadata['lora_adapter_metadata']!)).toMatchObject({
      'unet.use_dora': true,
      'unet.lora_alpha': 2,
      'text_encoder.use_dora': true,
    });
    const back = await imported(model, destination);
    expect(readAdapter(back).settings.method).toBe('dora');
    const again = await exported('diffusers', model, back);
    expect(readFileSync(again.path).equals(readFileSync(path))).toBe(true);
  },
);

it('what starts as a part of the base is a LoRA of twice the rank', async () => {
  const model = fixture('sd21');
  const { path, largestLogitDifference, largestLogit } = await exported(
    'diffusers',
    model,
    await adapterOn(model, 'pissa'),
  );
  expect(largestLogitDifference).toBeLessThan(1e-5 * largestLogit);
  const { tensors, metadata } = readSafetensorsHeader(path);
  expect(
    tensors.get('unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q.lora.down.weight')!.shape,
  ).toEqual([4, 16]);
  expect(JSON.parse(metadata['lora_adapter_metadata']!)).toMatchObject({
    'unet.r': 4,
    'unet.lora_alpha': 4,
    'unet.peft_type': 'LORA',
  });
});

describe('kohya’s names, shapes and metadata', () => {
  const ofFile = async (base: string, name: string) => {
    const { path } = await exported('kohya', fixture(base), await adapterOn(fixture(base), name));
    const { tensors, metadata } = readSafetensorsHeader(path);
    const shapes = Object.fromEntries([...tensors.values()].map((one) => [one.name, one.shape.join(' x ')]));
    expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F16']));
    return { shapes, metadata };
  };

  it('of SD 1.x are diffusers’ paths', async () => {
    const { shapes, metadata } = await ofFile('sd15', 'lora');
    expect(shapes).toMatchObject({
      'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_down.weight': '3 x 8',
      'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0.lora_up.weight': '8 x 3',
      'lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight': '3 x 8 x 1 x 1',
      'lora_unet_down_blocks_0_resnets_0_conv1.lora_down.weight': '3 x 8 x 3 x 3',
      'lora_unet_down_blocks_0_resnets_0_conv1.lora_up.weight': '8 x 3 x 1 x 1',
      'lora_unet_down_blocks_0_resnets_0_conv1.alpha': '',
      'lora_unet_down_blocks_0_downsamplers_0_conv.lora_down.weight': '3 x 8 x 3 x 3',
      'lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight': '3 x 24',
    });
    expect(metadata).toMatchObject({
      ss_base_model_version: 'sd_v1',
      ss_network_alpha: '6',
      ss_network_args: '{"conv_dim":"3","conv_alpha":"6"}',
      ss_network_dim: '3',
      ss_network_module: 'networks.lora',
      ss_output_name: 'My dog',
      ss_v2: 'False',
      'modelspec.architecture': 'stable-diffusion-v1/lora',
      'modelspec.prediction_type': 'epsilon',
      'modelspec.sai_model_spec': '1.0.0',
      sshs_model_hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      // Of nothing, as the file ends before the place that it is of.
      sshs_legacy_hash: 'e3b0c442',
    });
  });

  it('of SDXL are the original code’s, and the texts are counted', async () => {
    const { shapes, metadata } = await ofFile('sdxl', 'nora');
    expect(shapes).toMatchObject({
      'lora_unet_input_blocks_1_0_in_layers_2.lora_down.weight': '2 x 8 x 3 x 3',
      'lora_unet_input_blocks_2_0_op.lora_up.weight': '8 x 2 x 1 x 1',
      'lora_unet_middle_block_1_transformer_blocks_0_attn1_to_q.lora_down.weight': '2 x 16',
      'lora_te1_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight': '2 x 24',
      'lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight': '2 x 32',
    });
    expect(metadata).toMatchObject({
      ss_base_model_version: 'sdxl_base_v1-0',
      'modelspec.architecture': 'stable-diffusion-xl-v1-base/lora',
    });
  });
});

it.each(['folder', 'file'] as const)(
  'merged from a %s, weights are those of base + adapter',
  async (from) => {
    const folder = join(mkdtempSync(join(scratch, 'tiny-')), 'pipeline');
    writeTinyDiffusion(folder);
    const asFile = await exported('checkpoint', folder, await adapterOn(folder, 'lora'));
    expect(asFile.largestLogitDifference).toBeLessThan(1e-5 * asFile.largestLogit);
    expect(asFile.files).toEqual(['My dog.safetensors', 'merge-certificate.json']);
    if (from === 'folder') {
      const merged = await exported('merged', folder, await adapterOn(folder, 'lora'));
      expect(merged.files).toContain('unet/diffusion_pytorch_model.safetensors');
      expect(merged.largestLogitDifference).toBeLessThan(1e-5 * merged.largestLogit);
      return;
    }
    // A single file is a base like any other: it stays one.
    const again = await exported('merged', asFile.path, await adapterOn(asFile.path, 'lora'));
    expect(again.files).toEqual(['My dog.safetensors', 'merge-certificate.json']);
    expect(again.largestLogitDifference).toBeLessThan(1e-5 * again.largestLogit);
    expect(again.certificate!.base.files.map(({ name }) => name)).toEqual(['My dog.safetensors']);
  },
);

it('what the forms have no place for is refused by name', async () => {
  const dora = await adapterOn(fixture('sd15'), 'dora');
  await expect(exported('kohya', fixture('sd15'), dora)).rejects.toThrow(
    /DoRA is not written in kohya's form.*export diffusers' file/,
  );
  await expect(exported('adapter', fixture('sd15'), dora)).rejects.toThrow(/PEFT has no model of U-Net/);
});

it('a file for another base, and one that is none, are refused by what they hold', async () => {
  const { path } = await exported('kohya', fixture('sd15'), await adapterOn(fixture('sd15'), 'lora'));
  await expect(imported(fixture('sdxl'), path)).rejects.toThrow(
    /(has no such layer|made for another model).*its metadata says sd_v1/,
  );
  const pickle = join(scratch, 'lora.pt');
  writeFileSync(pickle, 'x');
  await expect(imported(fixture('sd15'), pickle)).rejects.toThrow(/pickle/);
});
