import { existsSync, cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { openModelFolder, readWeight } from '../../main/engine/formats/model-folder.ts';
import { readSafetensorsHeader } from '../../main/engine/formats/safetensors.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { exportKindsOf } from '../../main/trainer/protocol/export-kinds.ts';
import { exportRun } from '../../main/trainer/export/export-run.ts';
import type {
  ExportKind,
  RunEvent,
  RunSpecification,
  TrainerEvent,
} from '../../main/trainer/protocol/protocol.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';

const sample = join(import.meta.dirname, '../../main/sample');
const workspace = mkdtempSync(join(tmpdir(), 'nora-jobs-'));

const specification = (
  name: string,
  adapter: object,
  changes: Partial<RunSpecification> = {},
  training: object = {},
): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory: join(sample, 'model'),
  cacheDirectory: null,
  dataset: {
    trainFile: join(sample, 'data/moby-dick.train.jsonl'),
    validationFile: join(sample, 'data/moby-dick.validation.jsonl'),
    format: { kind: 'text', column: 'text' },
    validationFraction: 0.1,
  },
  adapter: adapterSettingsSchema.parse(adapter),
  training: trainingSettingsSchema.parse({
    steps: 6,
    batchSize: 2,
    sequenceLength: 48,
    evaluationBatches: 2,
    learningRate: 2e-3,
    threads: 2,
    ...training,
  }),
  seed: 3,
  date: '2026-11-28',
  resumeFrom: null,
  ...changes,
});

interface Watch {
  readonly events: RunEvent[];
  readonly last: () => RunEvent;
}

/** Runs the job to its end; `stopAt` asks it to end once that many steps are done, and what the base does is known. */
const run = async (
  job: RunSpecification,
  stopAt?: { step: number; how: 'pause' | 'cancel' },
): Promise<Watch> => {
  const events: RunEvent[] = [];
  const steps = (): number =>
    events.filter((event) => event.type === 'metrics' && event.metrics[0]?.name === 'train/loss').length;
  const isMeasured = (): boolean => events.some(({ type }) => type === 'metrics');
  await trainRun(job, {
    emit: (event) => void events.push(event),
    shouldStop: () => (stopAt && isMeasured() && steps() >= stopAt.step ? stopAt.how : null),
  });
  return { events, last: () => events.at(-1)! };
};

const metrics = ({ events }: Watch, name: string): number[] =>
  events.flatMap((event) =>
    event.type === 'metrics'
      ? event.metrics.filter((metric) => metric.name === name).map(({ value }) => value)
      : [],
  );

const lora = { method: 'lora', rank: 8, alpha: 16 };
const nora = { method: 'nora', outerRank: 16, innerRank: 4, alpha: 8, calibrationBatches: 2 };

describe.each(['exact', 'randomized'])('decompositions kept for later runs: %s', (decomposition) => {
  const adapter = { ...nora, decomposition };
  const cached = (name: string, overrides: Partial<RunSpecification> = {}): RunSpecification =>
    specification(`${decomposition}-${name}`, adapter, {
      cacheDirectory: join(workspace, `cache-${decomposition}`),
      ...overrides,
    });
  const start = (name: string): Buffer =>
    readFileSync(join(workspace, `${decomposition}-${name}`, 'adapter-start/adapter.safetensors'));
  const notices = ({ events }: Watch): string[] =>
    events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  const beforeTraining = { step: 0, how: 'pause' } as const;

  it('are taken, to the bit, by a run of the same weights, calibration and settings only', async () => {
    const stop = (name: string, overrides?: Partial<RunSpecification>) =>
      run(cached(name, overrides), beforeTraining);
    await stop('none', { cacheDirectory: null });
    expect(notices(await stop('first'))).not.toContain('AwSVD taken from the cache');
    expect(notices(await stop('second'))).toContain('AwSVD taken from the cache');
    expect(start('second').equals(start('first'))).toBe(true);
    expect(start('second').equals(start('none'))).toBe(true);
    const otherSeed = await stop('other', { seed: 12345 }); // draws other calibration batches
    expect(notices(otherSeed)).not.toContain('AwSVD taken from the cache');
  });
});

/** Rules of its own that have to be remembered over a pause. */
const adalora = adapterSettingsSchema.parse({
  method: 'adalora',
  rank: 6,
  targetRank: 3,
  initialSteps: 1,
  finalSteps: 1,
});
/** Vectors and whole weights beside the matrices. */
const dora = adapterSettingsSchema.parse({
  method: 'dora',
  rank: 4,
  modulesToSave: ['post_attention_layernorm'],
});
const pissa = adapterSettingsSchema.parse({ method: 'pissa', rank: 4 });

describe.each([lora, nora, adalora, dora, pissa])('a run with $method', (adapter) => {
  const name = adapter.method;

  it('lowers the held-out loss, and goes on from a pause to the same bytes', async () => {
    const whole = await run(specification(name, adapter));
    expect(whole.last()).toMatchObject({ type: 'completed' });
    const [before, after] = metrics(whole, 'validation/loss');
    expect(after).toBeLessThan(before!);

    const paused = await run(specification(`${name}-paused`, adapter), { step: 3, how: 'pause' });
    const pause = paused.last();
    if (pause.type !== 'paused') throw new Error(`ended with ${pause.type}`);
    expect(pause.step).toBe(3);
    const resumed = await run(
      specification(`${name}-paused`, adapter, { resumeFrom: pause.checkpointDirectory }),
    );
    expect([...metrics(paused, 'train/loss'), ...metrics(resumed, 'train/loss')]).toEqual(
      metrics(whole, 'train/loss'),
    );
    const bytes = (folder: string): Buffer =>
      readFileSync(join(workspace, folder, 'adapter/adapter.safetensors'));
    expect(bytes(`${name}-paused`).equals(bytes(name))).toBe(true);
    // The last is kept, and the one before it.
    const kept = (folder: string) => readdirSync(join(workspace, folder, 'checkpoints'));
    expect(kept(name)).toEqual(['step-00000006']);
    expect(kept(`${name}-paused`)).toEqual(['step-00000003', 'step-00000006']);
  });

  const kinds = exportKindsOf({ settings: adapterSettingsSchema.parse(adapter), objective: 'next-token' });

  it.each<ExportKind>(kinds)('exports %s weights that give the same logits', async (kind) => {
    const destination = join(workspace, `${name}-${kind}`);
    const events: TrainerEvent[] = [];
    const wasThere: boolean[] = [];
    await exportRun(
      {
        kind,
        modelDirectory: join(sample, 'model'),
        adapterDirectory: join(workspace, name, 'adapter'),
        destination,
        baseModelName: 'sample',
        threads: 2,
      },
      {
        emit: (event) => {
          events.push(event);
          wasThere.push(existsSync(destination));
        },
        shouldStop: () => null,
      },
    );
    // Before it is checked and certified nothing has its name.
    expect(wasThere.indexOf(true)).toBe(events.length - 1);
    const end = events.at(-1);
    if (end?.type !== 'exported') throw new Error(`ended with ${end?.type}`);
    const { summary } = end;
    expect(summary.largestLogitDifferenceUnrounded).toBeLessThan(1e-4);
    expect(summary.largestLogit).toBeGreaterThan(1);
    // bfloat16 has 8 bits: the merged weights are rounded as the base model's are.
    expect(summary.largestLogitDifference).toBeLessThan(kind === 'adapter' ? 1e-4 : 0.1);
    expect(readdirSync(workspace).filter((entry) => entry.startsWith('.'))).toEqual([]);

    if (kind === 'adapter')
      return expect(summary.files).toEqual([
        'adapter_config.json',
        'adapter_model.safetensors',
        'merge-certificate.json',
      ]);
    const written = kind === 'merged' ? destination : join(destination, 'base');
    if (kind === 'adapter-with-base') expect(summary.files).toContain('adapter/adapter_config.json');
    const [base, merged] = [openModelFolder(join(sample, 'model')), openModelFolder(written)];
    const layout = (folder: typeof base): unknown[] =>
      [...folder.tensors].map(([tensor, { dtype, shape, offset }]) => [tensor, dtype, shape, offset]);
    expect(layout(merged)).toEqual(layout(base));
    expect(merged.auxiliaryFiles).toEqual(base.auxiliaryFiles);
    expect(readWeight(merged, 'model.norm.weight')).toEqual(readWeight(base, 'model.norm.weight'));
    expect(readWeight(merged, 'model.layers.0.mlp.up_proj.weight')).not.toEqual(
      readWeight(base, 'model.layers.0.mlp.up_proj.weight'),
    );
  });
});

it('leaves nothing of an export that nobody waits for any more', { timeout: 60_000 }, async () => {
  const specification = {
    kind: 'merged' as const,
    modelDirectory: join(sample, 'model'),
    adapterDirectory: join(workspace, 'lora/adapter'),
    destination: join(workspace, 'unwanted', 'merged'),
    ...{ baseModelName: 'sample', threads: 2 },
  };
  const events: TrainerEvent[] = [];
  const isCertified = (): boolean =>
    events.some((event) => event.type === 'progress' && event.phase === 'certifying' && event.done === 1);
  await expect(
    exportRun(specification, {
      emit: (event) => void events.push(event),
      shouldStop: () => (isCertified() ? 'pause' : null),
    }),
  ).rejects.toThrow('the workbench ended before the export was in its place');
  expect(readdirSync(join(workspace, 'unwanted'))).toEqual([]);
});

it('has no base to write beside an adapter that takes nothing from it', async () => {
  await expect(
    exportRun(
      {
        kind: 'adapter-with-base',
        modelDirectory: join(sample, 'model'),
        adapterDirectory: join(workspace, 'lora/adapter'),
        destination: join(workspace, 'nothing'),
        baseModelName: 'sample',
        threads: 2,
      },
      { emit: () => undefined, shouldStop: () => null },
    ),
  ).rejects.toThrow(
    'lora leaves the base model as it is, so there is no other base to write; export the adapter alone',
  );
});

describe('a run that cannot be', () => {
  const messageOf = async (job: RunSpecification): Promise<string> =>
    run(job).then(
      (watch) => watch.last().type,
      (error: unknown) =>
        (error as Error).message
          .replaceAll(sample, 'SAMPLE')
          .replaceAll(workspace, 'TMP')
          .replaceAll('\\', '/'),
    );
  const withFile = (name: string, contents: string): RunSpecification['dataset'] => {
    writeFileSync(join(workspace, name), contents);
    return {
      trainFile: join(workspace, name),
      validationFile: null,
      format: { kind: 'prompt-completion', prompt: 'prompt', completion: 'completion' },
      validationFraction: 0.5,
    };
  };

  it('is refused when every token is masked', async () => {
    const row = JSON.stringify({ prompt: 'a very long prompt '.repeat(40), completion: 'no' });
    const message = await messageOf(
      specification('masked', lora, { dataset: withFile('masked.jsonl', `${row}\n${row}\n`) }),
    );
    expect(message).toMatch(/masked\.jsonl.*(longer|48)/);
    expect(existsSync(join(workspace, 'masked', 'adapter'))).toBe(false);
  });

  it('is refused when the model has fewer positions', async () =>
    expect(await messageOf(specification('long', lora, {}, { sequenceLength: 4096 }))).toBe(
      'training.sequenceLength: 4096 is more than the 512 positions of SAMPLE/model',
    ));

  it('is refused when a rank is larger than a matrix', async () =>
    expect(await messageOf(specification('rank', { ...lora, rank: 100 }))).toBe(
      'rank: 100 is larger than the matrix k_proj (64 x 192) allows: at most 64',
    ));

  it('is refused when a weight is not a number', async () => {
    const model = join(workspace, 'nan-model');
    cpSync(join(sample, 'model'), model, { recursive: true });
    const file = join(model, 'model.safetensors');
    const bytes = readFileSync(file);
    const { offset } = readSafetensorsHeader(file).tensors.get('model.layers.1.mlp.up_proj.weight')!;
    bytes.writeUInt16LE(0x7fc0, offset + 10);
    writeFileSync(file, bytes);
    expect(await messageOf(specification('nan', lora, { modelDirectory: model }))).toMatch(
      /model\.layers\.1\.mlp\.up_proj\.weight.*NaN/i,
    );
  });

  it('ends with a sentence when the loss explodes', async () => {
    const job = specification('explode', lora);
    expect(
      await messageOf({ ...job, training: { ...job.training, learningRate: 1e30, schedule: 'constant' } }),
    ).toMatch(
      /^step 2: the loss is no longer a finite number, from model\.\S+ on; try a learningRate below 1\.00e\+30$/,
    );
  });

  it('says at which step it was cancelled', async () => {
    const watch = await run(specification('cancelled', lora), { step: 2, how: 'cancel' });
    expect(watch.last()).toEqual({ type: 'cancelled', step: 2 });
  });
});
