import type { ReadFiles } from '../reading/reader.ts';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { contentHash } from '../../engine/formats/model-identity.ts';
import type { AdapterRecord } from '../../store/repositories/adapters.ts';
import type { Store } from '../../store/store.ts';
import type { CombinedSummary } from '../../trainer/protocol/combine-schema.ts';
import type { CombineSpecification } from '../../trainer/protocol/protocol.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import { assertModelUnchanged } from '../library/model-identity.ts';
import { findModel } from '../library/models.ts';
import type { RunLedger } from '../runs/run-ledger.ts';
import { adapterOf } from '../shared/entity-mapping.ts';
import type { MethodParamsParsed, WorkbenchMethods } from '../shared/methods.ts';
import { chooseName, refuseTaken } from '../shared/names.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import type { UnderWay } from '../shared/under-way.ts';
import { modelLimits } from '../trainer-jobs/job-limits.ts';
import { askTrainer } from '../trainer-jobs/trainer-question.ts';
import { findAdapter } from './find-adapter.ts';
import { keepAdapter } from './keep-adapter.ts';
import { heldOutOf } from './held-out.ts';
import { modelOfAdapter } from './model-of-adapter.ts';

export interface CombineContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly emit: EmitEvent;
  readonly spawnTrainer: SpawnTrainer;
  readonly readFiles: ReadFiles;
  readonly underWay: UnderWay;
  readonly dataDirectory: string;
}

type Asked = MethodParamsParsed<'adapters.preview'>['parts'];
interface Part {
  readonly adapter: AdapterRecord;
  readonly weight: number;
}

/** Sums of adapters: looked at, and kept as adapters of their own, which are then asked and exported as any other. */
export const createCombining = (
  context: CombineContext,
): Pick<WorkbenchMethods['adapters'], 'preview' | 'combine'> => {
  const { store, emit, spawnTrainer, underWay } = context;

  const ask = async (
    parts: readonly Part[],
    destination: string | null,
  ): Promise<{ summary: CombinedSummary; modelFiles: CombineSpecification['modelFiles'] }> => {
    const [{ adapter: first }] = parts as [Part];
    const model = findModel(store, first.modelId);
    const { files } = await assertModelUnchanged(context, model, modelOfAdapter(first));
    const specification: CombineSpecification = {
      modelDirectory: model.directory,
      modelFiles: [...files],
      parts: [],
      destination,
      threads: null,
    };
    for (const { adapter, weight } of parts)
      specification.parts.push({
        name: adapter.name,
        weight,
        adapterDirectory: adapter.directory,
        heldOut: await heldOutOf(context, adapter),
      });
    const { summary } = await askTrainer(spawnTrainer, { type: 'combine', specification }, 'combined', {
      limits: modelLimits,
      onProgress: ({ phase, done, total }) =>
        emit({ name: 'adapters.combining', payload: { phase, done, total } }),
    });
    return { summary, modelFiles: specification.modelFiles };
  };

  return {
    preview: async ({ parts }) => (await ask(belonging(store, parts), null)).summary,
    combine: async ({ parts: asked, name }) => {
      const parts = belonging(store, asked);
      refuseTaken(name, store.adapters.names(), anAdapter);
      const kept = await underWay.during('adapters are being combined', () =>
        keepAdapter(
          context,
          (destination) => ask(parts, destination),
          ({ summary, modelFiles = [] }) => ({
            modelId: parts[0]!.adapter.modelId,
            name: chooseName(
              { asked: name, suggested: suggestedName(parts) },
              store.adapters.names(),
              anAdapter,
            ),
            method: summary.settings.method,
            settings: summary.settings,
            source: null,
            parts: parts.map(({ adapter, weight }) => ({
              adapterId: adapter.id,
              name: adapter.name,
              weight,
            })),
            trainedParameters: summary.parameters,
            modelIdentity: modelFiles,
          }),
        ),
      );
      const combined = adapterOf(kept);
      emit({ name: 'adapters.changed', payload: { changed: [combined], removed: [] } });
      return combined;
    },
  };
};

const anAdapter = (name: string): string => `an adapter "${name}"`;

/** `0.7 LoRA r16 + 0.3 NoRA 64/16` */
const suggestedName = (parts: readonly Part[]): string =>
  parts
    .map(({ adapter, weight }, at) => {
      const sign = weight < 0 ? (at === 0 ? '−' : ' − ') : at === 0 ? '' : ' + ';
      // The name of a sum reads as one term.
      const name = / [+−] /.test(adapter.name) ? `(${adapter.name})` : adapter.name;
      return `${sign}${Math.abs(weight)} ${name}`;
    })
    .join('');

/** @throws WorkbenchError where they are not all of one model, or one is named twice */
const belonging = (store: Store, asked: Asked): Part[] => {
  const parts = asked.map(({ adapterId, weight }) => ({ adapter: findAdapter(store, adapterId), weight }));
  const [first, ...others] = parts as [Part, ...Part[]];
  const twice = parts.find(
    ({ adapter }, at) => parts.findIndex((one) => one.adapter.id === adapter.id) !== at,
  );
  if (twice) throw invalidInput(`the adapter "${twice.adapter.name}" is named twice: give it one weight`);
  for (const { adapter } of others) {
    if (adapter.modelId !== first.adapter.modelId)
      throw invalidInput(
        `the adapter "${adapter.name}" is of the model "${adapter.modelName}" and "${first.adapter.name}" of "${first.adapter.modelName}": only adapters of one model can be added up`,
      );
    const [one, another] = [first.adapter.modelIdentity, adapter.modelIdentity];
    if (one && another && contentHash(one) !== contentHash(another))
      throw new WorkbenchError(
        'conflict',
        `the model "${first.adapter.modelName}" held something else when "${adapter.name}" was trained on it than when "${first.adapter.name}" was: they can't be added up`,
      );
  }
  return parts;
};
