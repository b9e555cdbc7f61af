import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readAdapter, writeAdapter } from '../../main/engine/adapters/folder/adapter-folder.ts';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { readSafetensorsHeader } from '../../main/engine/formats/safetensors.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { noise } from '../../main/engine/objectives/noise.ts';
import { exportRun } from '../../main/trainer/export/export-run.ts';
import { importAdapter } from '../../main/trainer/export/import-adapter.ts';
import type { ExportKind, ExportSummary, TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { movedAdapter, startedAdapter } from '../support/moved-adapter.ts';

const scratch = mkdtempSync(join(tmpdir(), 'nora-diffusion-lora-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const fixture = (name: string): string => join(import.meta.dirname, '../numeric/fixtures', name);

const attention = ['to_q', 'to_k', 'to_v', 'to_out.0'];
const everywhere = [
  ...attention,
  'proj_in',
  'proj_out',
  'ff.net.0.proj',
  'ff.net.2',
  'conv1',
  'conv2',
  'conv',
];
const texts = ['q_proj', 'v_proj', 'fc1'];

const adapters = {
  lora: { method: 'lora', rank: 3, alpha: 6, targetModules: [...everywhere, ...texts] },
  rslora: { method: 'rslora', rank: 2, alpha: 1, targetModules: attention },
  pissa: { method: 'pissa', rank: 2, alpha: 2, targetModules: attention },
  nora: { method: 'nora', outerRank: 5, innerRank: 2, alpha: 4, targetModules: [...everywhere, ...texts] },
} as const;

const made = new Map<string, string>();
const adapterOf = async (base: string, name: keyof typeof adapters | 'dora'): Promise<string> => {
  const key = `${base}-${name}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const model = openModel(join(fixture(base), 'model'));
  const batches = [noise.samples(model)];
  const own = name === 'dora' ? { method: 'dora', rank: 2, targetModules: attention } : adapters[name];
  const settings = adapterSettingsSchema.parse(own);
  const { moved } = movedAdapter(await startedAdapter(model, batches, settings));
  const { layers, values } = moved.adapter;
  const directory = join(scratch, key);
  await writeAdapter(directory, { settings, layers, values, weights: [] });
  made.set(key, directory);
  return directory;
};

const exported = async (
  base: string,
  kind: ExportKind,
  adapterDirectory: string,
  modelDirectory = join(fixture(base), 'model'),
): Promise<ExportSummary> => {
  const events: TrainerEvent[] = [];
  const destination = join(scratch, `${kind}-${events.length}-${Math.random()}`);
  await exportRun(
    { kind, modelDirectory, adapterDirectory, destination, baseModelName: base, threads: 1 },
    { emit: (event) => void events.push(event), shouldStop: () => null },
  );
  const last = events.at(-1)!;
  if (last.type !== 'exported') throw new Error(last.type);
  return last.summary;
};

const imported = async (base: string, source: string): Promise<string> => {
  const destination = join(scratch, `imported-${Math.random()}`);
  await importAdapter(
    {
      modelDirectory: join(fixture(base), 'model'),
      peftDirectory: source,
      destination,
      onResidualBase: false,
      threads: 1,
    },
    { emit: () => undefined, shouldStop: () => null },
  );
  return destination;
};

describe.each(['sd15', 'sd21', 'sdxl'])('on %s', (base) => {
  it.each(Object.keys(adapters) as (keyof typeof adapters)[])('%s goes out and comes back', async (name) => {
    const adapter = await adapterOf(base, name);
    const kohya = await exported(base, 'kohya', adapter);
    const file = kohya.files.find((one) => one.endsWith('.safetensors'))!;
    // Half precision has eleven bits.
    expect(kohya.largestLogitDifference).toBeLessThan(5e-3 * kohya.largestLogit);
    const diffusers = await exported(base, 'diffusers', adapter);
    expect(diffusers.files).toEqual(['merge-certificate.json', 'pytorch_lora_weights.safetensors']);
    expect(diffusers.largestLogitDifference).toBeLessThan(1e-5 * diffusers.largestLogit);

    const back = readAdapter(await imported(base, diffusers.destination));
    expect(back.layers.map(({ module }) => module).sort()).toEqual(
      readAdapter(adapter)
        .layers.map(({ module }) => module)
        .sort(),
    );
    expect(back.settings.method).toBe('lora');
    const again = await exported(base, 'kohya', await imported(base, join(kohya.destination, file)));
    expect(again.largestLogitDifference).toBe(0);
  });

  it('names and shapes are those that user interfaces know', async () => {
    const { destination, files } = await exported(base, 'kohya', await adapterOf(base, 'lora'));
    const file = files.find((one) => one.endsWith('.safetensors'))!;
    const { tensors, metadata } = readSafetensorsHeader(join(destination, file));
    const shapes = [...tensors.values()].map(({ name, dtype, shape }) => [name, dtype, shape]);
    expect({
      shapes,
      metadata: {
        ...metadata,
        ss_output_name: '',
        'modelspec.title': '',
        'modelspec.date': '',
        sshs_model_hash: metadata['sshs_model_hash']!.length,
        sshs_legacy_hash: metadata['sshs_legacy_hash'],
      },
    }).toMatchSnapshot();
  });

  it.each(['merged', 'checkpoint'] as const)(
    'merged weights (%s) are those of base + adapter',
    async (kind) => {
      const { destination, files, largestLogitDifference, largestLogit } = await exported(
        base,
        kind,
        await adapterOf(base, 'lora'),
      );
      expect(largestLogitDifference).toBeLessThan(1e-5 * largestLogit);
      if (kind === 'merged') expect(files).toContain('unet/diffusion_pytorch_model.safetensors');
      else expect(files.filter((file) => file.endsWith('.json'))).toEqual(['merge-certificate.json']);
      const written = openModel(
        kind === 'merged'
          ? destination
          : join(
              destination,
              files.find((file) => file.endsWith('.safetensors'))!,
            ),
      );
      expect(written.architecture.objective).toBe('noise');
    },
  );
});

it('what the forms have no place for is refused by name', async () => {
  const dora = await adapterOf('sd15', 'dora');
  for (const kind of ['kohya', 'diffusers'] as const)
    await expect(exported('sd15', kind, dora)).rejects.toThrow(/DoRA is not written/);
  await expect(exported('sd15', 'adapter', dora)).rejects.toThrow(/PEFT has no model of U-Net/);
});

it('a file for another base, and one that is none, are refused by what they hold', async () => {
  const { destination, files } = await exported('sd15', 'kohya', await adapterOf('sd15', 'rslora'));
  const file = join(
    destination,
    files.find((one) => one.endsWith('.safetensors'))!,
  );
  await expect(imported('sdxl', file)).rejects.toThrow(/has no such layer|made for another model/);
  await expect(imported('sdxl', file)).rejects.toThrow(/its metadata says sd_v1/);
  const pickle = join(scratch, 'lora.pt');
  writeFileSync(pickle, 'x');
  await expect(imported('sd15', pickle)).rejects.toThrow(/pickle/);
});
