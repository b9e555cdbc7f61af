import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import type { FidelitySpecification } from '../../trainer/protocol/fidelity-schema.ts';
import type { Store } from '../../store/store.ts';
import { assertModelUnchanged } from '../library/model-identity.ts';
import { findModel } from '../library/models.ts';
import type { ReadFiles } from '../reading/reader.ts';
import { createId } from '../shared/identifiers.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import { modelLimits } from '../trainer-jobs/job-limits.ts';
import { askTrainer } from '../trainer-jobs/trainer-question.ts';
import { fidelityAnswer, type MeasuredFolder } from './fidelity-answer.ts';
import type { FidelityRequest } from './fidelity-entities.ts';

interface FidelityContext {
  readonly store: Store;
  readonly emit: EmitEvent;
  readonly readFiles: ReadFiles;
  readonly spawnTrainer: SpawnTrainer;
}

const picturesAtATime = 8;

/** Measures drawn pictures, in a trainer process. Nothing of it is kept: it follows from files that are. */
export const createFidelityService = ({ store, emit, readFiles, spawnTrainer }: FidelityContext) => {
  const goingOn = new Map<string, AbortController>();
  const measure = async (request: FidelityRequest, job: string, signal: AbortSignal) => {
    const folders = foldersOf(request);
    const models = request.modelIds.map((wanted) => findModel(store, wanted));
    const instruments: FidelitySpecification['models'] = [];
    for (const model of models) {
      const { files } = await assertModelUnchanged({ store, readFiles }, model);
      instruments.push({ directory: model.directory, modelFiles: [...files] });
    }
    const specification = {
      folders: folders.map(({ folder }) => folder),
      subject: request.subjectFolder,
      models: instruments,
      leaveOut: request.leaveOut ?? null,
      batchSize: picturesAtATime,
      threads: null,
    };
    const measured = await askTrainer(spawnTrainer, { type: 'fidelity', specification }, 'fidelity', {
      signal,
      limits: modelLimits,
      onProgress: ({ done, total }) => emit({ name: 'fidelity.progress', payload: { job, done, total } }),
    });
    return fidelityAnswer(measured, folders, models);
  };
  return {
    measure: async ({ job = createId(), ...request }) => {
      if (goingOn.has(job))
        throw new WorkbenchError('conflict', `job: something named "${job}" goes on already`);
      const stopping = new AbortController();
      goingOn.set(job, stopping);
      try {
        return await measure(request, job, stopping.signal);
      } finally {
        goingOn.delete(job);
      }
    },
    stop: ({ job }) => {
      goingOn.get(job)?.abort();
      return {};
    },
  } satisfies WorkbenchMethods['fidelity'];
};

/** @throws invalid-input for two arms of one name, and two trainings of one seed */
const foldersOf = ({
  arms,
  baseFolder: base,
}: Pick<FidelityRequest, 'arms' | 'baseFolder'>): MeasuredFolder[] => {
  const names = arms.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalidInput(`arms: "${twice}" is there twice; give each a name of its own`);
  for (const { name, runs } of arms) {
    const seeds = runs.map(({ seed }) => seed);
    const again = seeds.find((seed, at) => seeds.indexOf(seed) !== at);
    if (again !== undefined)
      throw invalidInput(
        `arms: "${name}" has two folders of the seed ${again}; each training has a seed of its own`,
      );
  }
  return [
    ...arms.flatMap(({ name, runs }) => runs.map(({ seed, folder }) => ({ arm: name, seed, folder }))),
    ...(base === undefined ? [] : [{ arm: null, seed: 0, folder: base }]),
  ];
};
