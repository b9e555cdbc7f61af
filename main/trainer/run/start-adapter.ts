import { describeAdapter, type AdapterSettings } from '../../engine/adapters/settings/adapter-settings.ts';
import { rmSync } from 'node:fs';
import { WorkbenchError } from '../../engine/errors.ts';
import { sealOf } from '../../engine/formats/sealed-folder.ts';
import { readAdapter, writeAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { selectTargets } from '../../engine/adapters/layer/target-modules.ts';
import { awsvdCacheFolder, openAwsvdCache } from '../../engine/init/awsvd-cache.ts';
import { calibrate } from '../../engine/init/calibration.ts';
import { calibrationOf } from '../../engine/init/outer-parts.ts';
import type { ActivationStatistics } from '../../engine/init/statistics.ts';
import type { LinearLayer } from '../../engine/models/architecture.ts';
import { initialiseAdapter } from '../../engine/init/initialise-adapter.ts';
import { shareRanks } from '../../engine/init/share-ranks.ts';
import { readStartSeal } from '../../engine/train/checkpoint.ts';
import type { AdapterState } from '../../engine/train/model/trained-model.ts';
import type { RunSpecification } from '../protocol/protocol.ts';
import { startDirectory } from './checkpoint-folders.ts';
import type { Report } from './report.ts';
import { runSeeds } from './run-seeds.ts';
import type { RunSubject } from './run-subject.ts';

/** What an adapter starts on: a model, and the training data of which calibration sees some batches. */
type Ground = Pick<RunSubject, 'model' | 'positions' | 'batches'>;

/** Takes statistics of layers' inputs over batches of the training data. */
const calibrator = (
  specification: RunSpecification,
  { model, positions, batches }: Ground,
  report: Report,
): ((layers: readonly LinearLayer[]) => Promise<ActivationStatistics>) => {
  const { adapter, training } = specification;
  const { statistics, batches: count, firstTokenCounts, tokens } = calibrationOf(describeAdapter(adapter));
  const { threads, device } = training;
  return async (layers) => {
    await report('calibrating', 0, count);
    return calibrate({
      model,
      layers,
      batches: await batches.calibration(count),
      positions,
      statistics,
      firstTokenCounts,
      tokens,
      threads,
      // Double precision is the processor's.
      device: statistics.some((name) => name === 'second-moment' || name === 'triangle') ? 'cpu' : device,
      onBatch: (done) => report('calibrating', done, count),
    });
  };
};

/** The adapter before its first step, the seconds it took, and what a person should know of it. */
export interface AdapterStart {
  /** As asked for, with what was settled on the way (ranks that layers share). */
  readonly settings: AdapterSettings;
  readonly adapter: AdapterState;
  readonly seconds: number;
  /** What stands for it on the disk; null for one of an older version. */
  readonly seal: string | null;
  readonly notices: readonly string[];
}

type StoredStart = Pick<AdapterStart, 'settings' | 'adapter' | 'seal'>;

const readStart = (directory: string): StoredStart => {
  const { settings, layers, values, files } = readAdapter(directory);
  const adapter = { description: describeAdapter(settings), layers, values, files };
  return { settings, adapter, seal: sealOf(directory) };
};

/** What the first process left, or what keeps it from being used. */
const findStart = (directory: string, seal: string | null): StoredStart | WorkbenchError => {
  try {
    const start = readStart(directory);
    if (seal === null || start.seal === seal) return start;
    return new WorkbenchError('conflict', `${directory}: is not what this run started from`);
  } catch (error) {
    if (error instanceof WorkbenchError) return error;
    throw error;
  }
};

/**
 * The adapter before its first step. A run that goes on finds it where the first process left it: frozen factors are part of the run. Where they
 * are damaged they are made again, and count only if they come out the same to the bit.
 */
export const startAdapter = async (
  specification: RunSpecification,
  ground: Ground,
  report: Report,
): Promise<AdapterStart> => {
  const { runDirectory, resumeFrom } = specification;
  const directory = startDirectory(runDirectory);
  if (resumeFrom === null) return makeStart(specification, ground, report);

  const seal = readStartSeal(resumeFrom);
  const found = findStart(directory, seal);
  if (!(found instanceof WorkbenchError)) return { ...found, seconds: 0, notices: [] };
  if (seal === null) throw found;
  const again = await makeStart(specification, ground, report);
  if (again.seal !== seal) {
    rmSync(directory, { recursive: true, force: true });
    throw new WorkbenchError(
      'conflict',
      `${found.message}; made again it is not what the run started from: start the run over`,
      { cause: found },
    );
  }
  return {
    ...again,
    seconds: 0,
    notices: [`${found.message}; it was made again, the same to the bit`],
  };
};

const makeStart = async (
  specification: RunSpecification,
  ground: Ground,
  report: Report,
): Promise<AdapterStart> => {
  const { adapter: asked, runDirectory, seed, cacheDirectory } = specification;
  const directory = startDirectory(runDirectory);
  const started = performance.now();
  const { model } = ground;
  const calibrate = calibrator(specification, ground, report);
  const targets = selectTargets(model.targetLayers, asked);
  const { settings, layers, parts } = await shareRanks({ settings: asked, layers: targets, calibrate });
  const description = describeAdapter(settings);
  const cache =
    description.outer.initialisation.source?.kind === 'decomposition' && cacheDirectory !== null
      ? openAwsvdCache(awsvdCacheFolder(cacheDirectory))
      : undefined;
  const dead: DeadChannels[] = [];
  const values = await initialiseAdapter({
    model,
    description,
    layers,
    seed: runSeeds(seed).initialisation,
    threads: specification.training.threads,
    calibrate,
    ...(cache ? { cache } : {}),
    ...(parts ? { parts } : {}),
    onLayer: (done) => report('initialising', done, layers.length),
    onDeadChannels: ({ module }, count) => dead.push({ module, count }),
  });
  const seconds = (performance.now() - started) / 1000;
  await report('initialising', layers.length, layers.length);
  rmSync(directory, { recursive: true, force: true });
  // Weights that are trained whole start as the model's own, in its files.
  await writeAdapter(directory, { settings, layers, weights: [], values });
  return {
    ...readStart(directory),
    seconds,
    notices: [
      ...(cache ? cacheNotices(cache.hits(), layers.length) : []),
      ...rankNotices(targets, layers),
      ...deadNotices(dead),
    ],
  };
};

const rankNotices = (targets: readonly LinearLayer[], kept: readonly LinearLayer[]): string[] =>
  kept.length === targets.length
    ? []
    : [`${targets.length - kept.length} of ${targets.length} layers got no rank and stay as they are`];

const cacheNotices = (found: number, layers: number): string[] => {
  if (found === 0) return [];
  return [`AwSVD taken from the cache${found === layers ? '' : ` for ${found} of ${layers} layers`}`];
};

interface DeadChannels {
  readonly module: string;
  readonly count: number;
}

const deadNotices = (dead: readonly DeadChannels[]): string[] => {
  const [first] = dead;
  if (!first) return [];
  const channels = dead.reduce((sum, { count }) => sum + count, 0);
  return [
    `${channels} inputs of ${dead.length} layers were zero in all of the calibration data (${first.module} has ${first.count}); they weigh next to nothing in its decomposition`,
  ];
};
