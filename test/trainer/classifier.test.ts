import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { openModelFolder, readWeight } from '../../main/engine/formats/model-folder.ts';
import { readSafetensorsHeader, readTensorFloat32 } from '../../main/engine/formats/safetensors.ts';
import { describeModel } from '../../main/engine/models/describe-model.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { answerMemory } from '../../main/trainer/measure/answer-memory.ts';
import { exportRun } from '../../main/trainer/export/export-run.ts';
import type { RunSummary } from '../../main/engine/metrics/summary.ts';
import type {
  ExportKind,
  ExportSummary,
  RunSpecification,
  RunEvent,
  TrainerEvent,
} from '../../main/trainer/protocol/protocol.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { classificationFixtures, encoderAlone, writeClassifierFolder } from '../support/classifier-folder.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-classifier-'));
const rows = join(classificationFixtures, 'rows.jsonl');
const models = {
  bert: writeClassifierFolder(join(workspace, 'model-bert'), 'bert'),
  roberta: writeClassifierFolder(join(workspace, 'model-roberta'), 'roberta'),
  'bert without a head': writeClassifierFolder(join(workspace, 'body-bert'), 'bert', encoderAlone('bert')),
  'roberta without a head': writeClassifierFolder(
    join(workspace, 'body-roberta'),
    'roberta',
    encoderAlone('roberta'),
  ),
};

const specification = (
  name: string,
  modelDirectory: string,
  changes: { adapter?: object; training?: object } & Partial<
    Pick<RunSpecification, 'dataset' | 'resumeFrom'>
  > = {},
): RunSpecification => ({
  runDirectory: join(workspace, `run-${name}`),
  modelDirectory,
  cacheDirectory: null,
  dataset: changes.dataset ?? {
    trainFile: rows,
    validationFile: rows,
    format: { kind: 'classification', text: 'text', label: 'label' },
    validationFraction: 0.1,
  },
  adapter: adapterSettingsSchema.parse({
    method: 'lora',
    rank: 4,
    alpha: 16,
    modulesToSave: ['classifier'],
    ...changes.adapter,
  }),
  training: trainingSettingsSchema.parse({
    steps: 24,
    batchSize: 12,
    sequenceLength: 32,
    learningRate: 1e-2,
    threads: 1,
    ...changes.training,
  }),
  seed: 3,
  date: '2026-11-28',
  resumeFrom: changes.resumeFrom ?? null,
});

const run = async (job: RunSpecification, pauseAt = Infinity): Promise<RunEvent[]> => {
  const events: RunEvent[] = [];
  const steps = (): number =>
    events.filter((event) => event.type === 'metrics' && event.metrics[0]?.name === 'train/loss').length;
  await trainRun(job, {
    emit: (event) => void events.push(event),
    shouldStop: () => (steps() >= pauseAt ? 'pause' : null),
  });
  return events;
};

const metrics = (events: readonly RunEvent[], name: string): number[] =>
  events.flatMap((event) =>
    event.type === 'metrics'
      ? event.metrics.filter((one) => one.name === name).map(({ value }) => value)
      : [],
  );

const summaryOf = (events: readonly RunEvent[]): RunSummary => {
  const end = events.at(-1);
  if (end?.type !== 'completed') throw new Error(`ended with ${end?.type}`);
  return end.summary;
};

const exported = async (name: string, modelDirectory: string, kind: ExportKind): Promise<ExportSummary> => {
  const events: TrainerEvent[] = [];
  await exportRun(
    {
      kind,
      modelDirectory,
      adapterDirectory: join(workspace, `run-${name}`, 'adapter'),
      destination: join(workspace, `${kind}-${name}`),
      baseModelName: 'base',
      threads: 1,
    },
    { emit: (event) => void events.push(event), shouldStop: () => null },
  );
  const end = events.at(-1);
  if (end?.type !== 'exported') throw new Error(`ended with ${end?.type}`);
  return end.summary;
};

/** transformers' loss and accuracy of the models with a head, on the rows. */
const reference = JSON.parse(readFileSync(join(classificationFixtures, 'expected.json'), 'utf8')) as Record<
  string,
  { texts: { loss: number; accuracy: number } }
>;

describe.each(Object.entries(models))('a run of %s', (name, directory) => {
  it('learns the classes, and goes on from a pause to the same bytes', async () => {
    const whole = await run(specification(name, directory));
    const summary = summaryOf(whole);
    const known = reference[name]?.texts;
    if (known) {
      expect(summary['validation/loss/before']).toBeCloseTo(known.loss, 5);
      expect(summary['validation/accuracy/before']).toBeCloseTo(known.accuracy, 6);
    }
    expect(summary['validation/loss']).toBeLessThan(0.5);
    expect(summary['validation/accuracy']).toBeGreaterThan(0.85);
    expect(metrics(whole, 'validation/accuracy')).toEqual([
      summary['validation/accuracy/before'],
      summary['validation/accuracy'],
    ]);

    const paused = await run(specification(`${name}-paused`, directory), 10);
    const pause = paused.at(-1);
    if (pause?.type !== 'paused') throw new Error(`ended with ${pause?.type}`);
    const resumed = await run(
      specification(`${name}-paused`, directory, { resumeFrom: pause.checkpointDirectory }),
    );
    expect([...metrics(paused, 'train/loss'), ...metrics(resumed, 'train/loss')]).toEqual(
      metrics(whole, 'train/loss'),
    );
    expect(summaryOf(resumed)['validation/accuracy/before']).toBe(summary['validation/accuracy/before']);
    const bytes = (folder: string): Buffer =>
      readFileSync(join(workspace, `run-${folder}`, 'adapter/adapter.safetensors'));
    expect(bytes(`${name}-paused`).equals(bytes(name))).toBe(true);
  });

  it('is exported as a whole classifier with the names of its classes', async () => {
    const { largestLogitDifference, largestLogit } = await exported(name, directory, 'merged');
    expect(largestLogitDifference).toBeLessThan(1e-4);
    expect(largestLogit).toBeGreaterThan(0.5);
    const merged = openModelFolder(join(workspace, `merged-${name}`));
    expect(merged.config['id2label']).toEqual({ 0: 'hill', 1: 'sea', 2: 'town' });
    expect(merged.config['label2id']).toEqual({ hill: 0, sea: 1, town: 2 });
    expect(describeModel(merged).classifier).toEqual({
      classNames: ['hill', 'sea', 'town'],
      headModules: ['classifier'],
      newModules: [],
    });
    // transformers takes an encoder's names without prefix for those of an encoder alone.
    const architecture = name.split(' ')[0]!;
    expect(
      [...merged.tensors.keys()].every(
        (one) => one.startsWith(architecture) || one.startsWith('classifier.'),
      ),
    ).toBe(true);
  });

  it('is exported as an adapter for PEFT, the head in it', async () => {
    const { largestLogitDifference, files } = await exported(name, directory, 'adapter');
    expect(largestLogitDifference).toBeLessThan(1e-4);
    expect(files).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
      'id2label.json',
      'merge-certificate.json',
    ]);
    const read = (file: string): unknown =>
      JSON.parse(readFileSync(join(workspace, `adapter-${name}`, file), 'utf8'));
    expect(read('adapter_config.json')).toMatchObject({
      task_type: 'SEQ_CLS',
      modules_to_save: ['classifier'],
    });
    expect(read('id2label.json')).toEqual({ 0: 'hill', 1: 'sea', 2: 'town' });
  });
});

it('a head that was frozen goes along in the adapter: PEFT asks for it', async () => {
  await run(specification('frozen', models.bert, { adapter: { modulesToSave: [] }, training: { steps: 2 } }));
  await exported('frozen', models.bert, 'adapter');
  const folder = join(workspace, 'adapter-frozen');
  const config = JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8')) as object;
  expect(config).toMatchObject({ task_type: 'SEQ_CLS', modules_to_save: ['classifier'] });
  const header = readSafetensorsHeader(join(folder, 'adapter_model.safetensors'));
  expect(readTensorFloat32(header, 'base_model.model.classifier.weight')).toEqual(
    readWeight(openModelFolder(models.bert), 'classifier.weight'),
  );
});

describe('a head that is made new', () => {
  const body = models['bert without a head'];

  it('is normal with the deviation of config.json, with a bias of zero, and depends on the seed', async () => {
    await run(specification('drawn', body, { training: { steps: 1, learningRate: 1e-30 } }));
    await exported('drawn', body, 'merged');
    const merged = openModelFolder(join(workspace, 'merged-drawn'));
    const weight = readWeight(merged, 'classifier.weight');
    const deviation = Math.hypot(...weight) / Math.sqrt(weight.length);
    expect(deviation).toBeGreaterThan(0.02 * 0.85);
    expect(deviation).toBeLessThan(0.02 * 1.15);
    expect(readWeight(merged, 'classifier.bias').every((value) => Math.abs(value) < 1e-20)).toBe(true);
  });

  it('starts the same for every configuration of an experiment', async () => {
    const once = (name: string, adapter: object) =>
      run(specification(name, body, { adapter, training: { steps: 1 } }));
    const [lora, other] = [await once('same-lora', {}), await once('same-full', { method: 'dora' })];
    expect(metrics(lora, 'validation/loss')[0]).toBeCloseTo(metrics(other, 'validation/loss')[0]!, 5);
  });

  it('is known before there is data, and its memory estimated', () => {
    expect(describeModel(openModelFolder(body)).classifier).toEqual({
      classNames: null,
      headModules: ['classifier'],
      newModules: ['classifier'],
    });
    const { adapter, training } = specification('memory', body);
    const [estimate] = answerMemory({
      modelDirectory: body,
      adapters: [adapter],
      training,
      available: 1e12,
    }).estimates;
    expect(estimate!.total).toBeGreaterThan(0);
  });

  it('includes the pooler where that is missing too', () => {
    const { config, rename } = encoderAlone('bert');
    const bare = writeClassifierFolder(join(workspace, 'no-pooler'), 'bert', {
      config: config!,
      rename: (name) => (name.includes('pooler') ? undefined : rename!(name)),
    });
    expect(describeModel(openModelFolder(bare)).classifier?.newModules).toEqual([
      'bert.pooler',
      'classifier',
    ]);
  });
});

describe('a classifier is trained', () => {
  it('on pairs', async () => {
    const { dataset } = specification('pairs', models.bert);
    const job = specification('pairs', models.bert, {
      dataset: {
        ...dataset,
        format: { kind: 'classification', text: 'text', pair: 'other', label: 'label' },
      },
    });
    expect(summaryOf(await run(job))['validation/accuracy']).toBeGreaterThan(0.85);
  });

  it.each([
    { method: 'nora', outerRank: 16, innerRank: 4, alpha: 16, calibrationBatches: 2 },
    { method: 'full' },
  ])('with $method', async (adapter) => {
    const settings = adapterSettingsSchema.parse(
      adapter.method === 'full' ? adapter : { ...adapter, modulesToSave: ['classifier'] },
    );
    const job = specification(`with-${adapter.method}`, models['bert without a head'], {
      training: { learningRate: adapter.method === 'full' ? 1e-3 : 2e-2 },
    });
    const events = await run({ ...job, adapter: settings });
    expect(summaryOf(events)['validation/loss']).toBeLessThan(
      summaryOf(events)['validation/loss/before'] - 0.3,
    );
  });

  it('in 8 bits', async () => {
    const job = specification('int8', models['bert without a head'], { training: { baseFormat: 'int8' } });
    expect(summaryOf(await run(job))['validation/accuracy']).toBeGreaterThan(0.8);
  });
});

describe('a run that cannot be', () => {
  const messageOf = (job: RunSpecification): Promise<string> =>
    run(job).then(
      (events) => events.at(-1)!.type,
      (error: unknown) => (error as Error).message,
    );

  it('is refused where a new head would not be trained', async () =>
    expect(
      await messageOf(
        specification('untrained', models['bert without a head'], { adapter: { modulesToSave: [] } }),
      ),
    ).toBe(
      'modulesToSave: the model brings no head for classes, so the new classifier would stay at random numbers; have it trained too, with modulesToSave: [classifier]',
    ));

  it('is refused with packing', async () =>
    expect(await messageOf(specification('packed', models.bert, { training: { packing: true } }))).toMatch(
      /^training\.packing: a classifier scores whole rows/,
    ));

  it('is refused on text without classes', async () => {
    const { dataset } = specification('text', models.bert);
    expect(
      await messageOf(
        specification('text', models.bert, {
          dataset: { ...dataset, format: { kind: 'text', column: 'text' } },
        }),
      ),
    ).toMatch(/^dataset: the model is a classifier and needs data with a class for each row/);
  });

  it('is refused where a held-out row has a class that the training data lacks', async () => {
    const validationFile = join(workspace, 'lake.jsonl');
    writeFileSync(validationFile, '{"text":"old","label":"sea"}\n{"text":"far","label":"lake"}\n');
    const { dataset } = specification('lake', models.bert);
    expect(
      await messageOf(specification('lake', models.bert, { dataset: { ...dataset, validationFile } })),
    ).toBe('lake.jsonl, line 2: the label "lake" is none of the classes (hill, sea, town)');
  });
});
