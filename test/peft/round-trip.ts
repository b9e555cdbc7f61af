import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adapterSettingsSchema, describeAdapter } from '../../main/engine/adapters/adapter-settings.ts';
import { foldResidual } from '../../main/engine/adapters/fold.ts';
import { mergedFolder } from '../../main/engine/adapters/merged-folder.ts';
import { writePeft } from '../../main/engine/adapters/peft-forms.ts';
import { selectTargets } from '../../main/engine/adapters/target-modules.ts';
import { writeModelFolder } from '../../main/engine/formats/model-folder-writer.ts';
import { writeSafetensors } from '../../main/engine/formats/safetensors-writer.ts';
import { calibrate } from '../../main/engine/init/calibration.ts';
import { initialiseAdapter } from '../../main/engine/init/initialise-adapter.ts';
import { calibrationOf } from '../../main/engine/init/outer-pair.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { unpackParameters } from '../../main/engine/optim/parameter-layout.ts';
import { createRandom } from '../../main/engine/random.ts';
import { createSession } from '../../main/engine/runtime/session.ts';
import { firstTokens, tokenTensors, vectorTensor } from '../../main/engine/train/batch-inputs.ts';
import { logitsGraph } from '../../main/engine/train/loss-graph.ts';
import {
  initialParameters,
  trainedLayout,
  type TrainedModel,
} from '../../main/engine/train/trained-model.ts';
import { readBatches } from '../numeric/golden/golden-folder.ts';

/**
 * Exports an adapter of every method on tiny models, and has PEFT load it and compute the same logits:
 * node test/peft/round-trip.ts --python PATH (a Python with torch, transformers and peft).
 */
const { values: flags } = parseArgs({ options: { python: { type: 'string', default: 'python3' } } });
const fixtures = join(import.meta.dirname, '../numeric/fixtures');
const folder = mkdtempSync(join(tmpdir(), 'nora-peft-'));

const nora = { method: 'nora', outerRank: 16, innerRank: 4, alpha: 8 };
const methods: Readonly<Record<string, object>> = {
  lora: { method: 'lora', rank: 4, alpha: 8, dropout: 0.1 },
  'lora-patterns': {
    method: 'lora',
    rank: 4,
    alpha: 8,
    rankPattern: { 'layers.0.mlp.up_proj': 6, c_fc: 3 },
    alphaPattern: { 'layers.1.mlp.*': 5, c_fc: 9 },
  },
  loraplus: { method: 'loraplus', rank: 4, alpha: 8 },
  lorafa: { method: 'lorafa', rank: 4, alpha: 8 },
  rslora: { method: 'rslora', rank: 4, alpha: 8 },
  dora: { method: 'dora', rank: 4, alpha: 8 },
  pissa: { method: 'pissa', rank: 4, alpha: 8 },
  olora: { method: 'olora', rank: 4, alpha: 8 },
  milora: { method: 'milora', rank: 4, alpha: 8 },
  corda: { method: 'corda', rank: 4, alpha: 8 },
  loraxs: { method: 'loraxs', rank: 8, alpha: 8 },
  vera: { method: 'vera', rank: 16 },
  adalora: { method: 'adalora', rank: 6, targetRank: 3, alpha: 8 },
  nora,
  'nora-official': { ...nora, preset: 'official-code', residualBase: true },
  'nora-dora': { ...nora, magnitude: true },
};
/** Those that are tried on embeddings and the head of a language model too. */
const ofTables = ['lora', 'rslora', 'dora', 'pissa', 'loraxs', 'vera', 'adalora', 'nora', 'nora-dora'];

for (const name of ['llama', 'gpt2', 'gemma2', 'phi3', 'bert_cls', 'roberta_cls']) {
  const model = openModel(join(fixtures, name, 'model'));
  const batches = readBatches(join(fixtures, name));
  const [batch] = batches as [(typeof batches)[0]];
  const isClassifier = model.architecture.task === 'sequence-classification';
  const targetModules = model.targetLayers
    .filter(({ role }) => role === 'embedding' || (role === 'head' && !isClassifier))
    .map(({ module }) => module);
  const tried = [
    ...Object.entries(methods),
    ...ofTables.map((method) => [`${method}-tables`, { ...methods[method], targetModules }] as const),
  ];
  for (const [method, input] of tried) {
    const settings = adapterSettingsSchema.parse(input);
    const description = describeAdapter(settings);
    const layers = selectTargets(model.targetLayers, settings);
    const start = await initialiseAdapter({
      model,
      description,
      layers,
      seed: 3,
      calibrate: (group) =>
        calibrate({
          model,
          layers: group,
          batches,
          positions: 12,
          statistics: calibrationOf(description).statistics,
          threads: 1,
        }),
    });
    const trained: TrainedModel = {
      model,
      adapter: { description, layers, values: start },
      trainedWeights: [],
    };
    const layout = trainedLayout(trained);
    const random = createRandom(4);
    const parameters = initialParameters(trained, layout).map((value) => value + 0.02 * random.normal());
    const moved = unpackParameters(layout, parameters);
    const values = { get: (key: string) => moved.get(key) ?? start.get(key) };
    const session = await createSession(logitsGraph(trained, layout, batch.sequence), { threads: 1 });
    const { logits } = await session.run({
      ...tokenTensors(batch),
      ...(isClassifier ? firstTokens(batch) : {}),
      parameters: vectorTensor(parameters),
    });
    await session.release();

    const place = join(folder, name, method);
    mkdirSync(place, { recursive: true });
    const written = {
      adapter: { settings, layers, weights: [], values },
      targetLayers: model.targetLayers,
      task: model.architecture.task,
      baseModel: null,
    };
    await writePeft(join(place, 'adapter'), { ...written, residual: 'in-adapter' });
    if (description.residual) {
      await writePeft(join(place, 'adapter-on-base'), { ...written, residual: 'in-base' });
      const given = layers.flatMap((layer) => foldResidual(description, layer, values) ?? []);
      const { changes } = mergedFolder(model, given, { whole: [], values });
      await writeModelFolder({ source: model.folder, destination: join(place, 'base'), ...changes });
    }
    writeSafetensors(
      join(place, 'logits.safetensors'),
      [{ name: 'logits', dtype: 'F32', shape: logits!.shape, data: logits!.data as Float32Array }],
      {},
    );
  }
}
const script = join(import.meta.dirname, 'round-trip.py');
const { status } = spawnSync(flags.python, [script, fixtures, folder], { stdio: 'inherit' });
process.exitCode = status ?? 1;
