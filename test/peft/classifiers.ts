import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { sequentialBatches } from '../../main/engine/data/batches/batches.ts';
import { buildClassExamples } from '../../main/engine/data/examples/class-examples.ts';
import { mapLabels } from '../../main/engine/data/examples/class-labels.ts';
import { readDatasetFile } from '../../main/engine/data/files/dataset-file.ts';
import type { ClassificationFormat } from '../../main/engine/data/files/dataset-format.ts';
import { loadTokenizer } from '../../main/engine/data/tokens/tokenizer.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { sampleLogits } from '../../main/trainer/export/export-check.ts';
import { exportRun } from '../../main/trainer/export/export-run.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { classificationFixtures, encoderAlone, writeClassifierFolder } from '../support/classifier-folder.ts';
import { classification } from '../../main/engine/objectives/classification.ts';

/**
 * Trains tiny classifiers on pairs, with heads of their own and with new ones, and has transformers load the merged folders and PEFT the
 * adapters, and compute the same logits:
 * node test/peft/classifiers.ts --python PATH (a Python with torch, transformers and peft).
 */
const { values: flags } = parseArgs({ options: { python: { type: 'string', default: 'python3' } } });
const folder = mkdtempSync(join(tmpdir(), 'nora-classifiers-'));
const rows = join(classificationFixtures, 'rows.jsonl');
const format: ClassificationFormat = { kind: 'classification', text: 'text', pair: 'other', label: 'label' };

const adapters: Readonly<Record<string, object>> = {
  lora: { method: 'lora', rank: 4, alpha: 8 },
  dora: { method: 'dora', rank: 4, alpha: 8 },
  nora: { method: 'nora', outerRank: 16, innerRank: 4, alpha: 8, calibrationBatches: 2 },
};

/** Trained whole, as the base has it, or (RoBERTa's first layer, `classifier.dense`) adapted itself. */
const headSettings = {
  own: { modulesToSave: ['classifier'] },
  new: { modulesToSave: ['classifier'] },
  frozen: {},
  adapted: { targetModules: ['query', 'dense'], excludeModules: ['pooler.dense'] },
};

for (const architecture of ['bert', 'roberta'] as const)
  for (const head of ['own', 'new', 'frozen', 'adapted'] as const)
    for (const [method, adapter] of Object.entries(adapters)) {
      const place = join(folder, `${architecture}-${head}-${method}`);
      const modelDirectory = join(place, 'model');
      writeClassifierFolder(modelDirectory, architecture, head === 'new' ? encoderAlone(architecture) : {});
      const runDirectory = join(place, 'run');
      const quietly = { emit: () => undefined, shouldStop: () => null };
      await trainRun(
        {
          runDirectory,
          modelDirectory,
          cacheDirectory: null,
          dataset: { trainFile: rows, validationFile: rows, format, validationFraction: 0.1 },
          adapter: adapterSettingsSchema.parse({
            ...adapter,
            ...headSettings[head],
          }),
          training: trainingSettingsSchema.parse({
            steps: 8,
            batchSize: 12,
            sequenceLength: 32,
            learningRate: 1e-2,
            threads: 1,
          }),
          seed: 1,
          date: '2026-11-28',
          resumeFrom: null,
        },
        quietly,
      );
      for (const kind of ['merged', 'adapter'] as const)
        await exportRun(
          {
            kind,
            modelDirectory,
            adapterDirectory: join(runDirectory, 'adapter'),
            destination: join(place, kind),
            baseModelName: modelDirectory,
            threads: 1,
          },
          quietly,
        );
      const tokenizer = loadTokenizer(modelDirectory);
      const { examples } = buildClassExamples({
        dataset: readDatasetFile(rows),
        format,
        tokenizer,
        classes: mapLabels(['hill', 'sea', 'town'], { kind: 'new' }),
        maxLength: 32,
      });
      const [batch] = sequentialBatches({
        examples,
        batchSize: examples.length,
        batching: classification.batching({
          sequenceLength: 32,
          packing: false,
          padId: tokenizer.padId!,
        }),
      });
      const merged = openModel(join(place, 'merged'));
      const logits = await sampleLogits({ model: merged, adapter: null, trainedWeights: [] }, batch!, 1);
      writeFileSync(join(place, 'logits.json'), JSON.stringify(Array.from(logits)));
    }
const script = join(import.meta.dirname, 'classifiers.py');
const { status } = spawnSync(flags.python, [script, folder, rows], { stdio: 'inherit' });
process.exitCode = status ?? 1;
