import type { Model, SiteSpectrum, WeightSpectra } from '../../../main/api/contract.ts';
import { weightSpectrumOf } from '../../../main/engine/diagnostics/weight-spectrum.ts';
import { WorkbenchError } from '../../../main/engine/errors.ts';
import type { LinearLayer } from '../../../main/engine/models/architecture.ts';
import { siteKind } from '../../../main/engine/diagnostics/weight-sites.ts';
import { summariseKinds } from '../../../main/services/library/weight-spectra/summarise-kinds.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';
import type { EmitEvent } from '../../../main/services/shared/workbench-events.ts';
import { fakeDevices } from './fake-entities.ts';

/** Layers as a model of its target modules would have them. */
const sitesOf = ({ targetModules }: Model): LinearLayer[] =>
  targetModules.flatMap(({ name, count, role, ...size }) =>
    Array.from({ length: count }, (_, layer) => ({
      module: role === undefined ? `model.layers.${layer}.${name}` : `model.${name}`,
      ...size,
      ...(role && { role }),
      bias: false,
    })),
  );

/** Singular values that fall, by another power in each layer. */
const spectrumOf = ({
  module,
  outFeatures,
  inFeatures,
}: LinearLayer): NonNullable<SiteSpectrum['spectrum']> => {
  const layer = Number(/\d+/.exec(module)?.[0] ?? 0);
  const values = Float64Array.from(
    { length: Math.min(outFeatures, inFeatures) },
    (_, index) => 3 * (index + 1) ** -(0.4 + layer / 10),
  );
  const { energy, curve, ...others } = weightSpectrumOf(values);
  return { ...others, energy: [...energy], curve: [...curve] };
};

type Facts = Pick<
  WorkbenchMethods['models'],
  'spectra' | 'siteSpectra' | 'computeSpectra' | 'cancelSpectra' | 'memory'
>;

/** What a model's page asks for beside the model: a weight is decomposed at each tick. */
export const fakeModelFacts = (
  find: (id: string) => Model,
  emit: EmitEvent,
  stepMilliseconds: number,
): Facts => {
  const done = new Set<string>();
  let wanted: LinearLayer[] = [];
  let total = 0;
  const stateOf = (id: string): WeightSpectra => ({
    modelId: id,
    progress: wanted.length === 0 ? null : { done: total - wanted.length, total },
    error: null,
    kinds: summariseKinds(sitesOf(find(id)), (module) => {
      const layer = sitesOf(find(id)).find((one) => one.module === module)!;
      return done.has(module) ? spectrumOf(layer) : undefined;
    }),
  });
  const step = (id: string): void => {
    const next = wanted.shift();
    if (next !== undefined) done.add(next.module);
    emit({ name: 'models.spectra', payload: stateOf(id) });
    if (wanted.length > 0) setTimeout(() => step(id), stepMilliseconds);
  };

  return {
    spectra: ({ id }) => stateOf(id),
    siteSpectra: ({ id, kind }) =>
      sitesOf(find(id))
        .filter((layer) => siteKind(layer) === kind)
        .map((layer) => ({
          module: layer.module,
          spectrum: done.has(layer.module) ? spectrumOf(layer) : null,
        })),
    computeSpectra: ({ id, kind }) => {
      if (wanted.length > 0) throw new WorkbenchError('conflict', 'the weights are being decomposed already');
      wanted = sitesOf(find(id)).filter(
        (layer) => !done.has(layer.module) && (kind === undefined || siteKind(layer) === kind),
      );
      total = wanted.length;
      setTimeout(() => step(id), stepMilliseconds);
      return stateOf(id);
    },
    cancelSpectra: ({ id }) => {
      wanted = [];
      return stateOf(id);
    },
    memory: ({ id }) => ({
      batchSize: 4,
      sequenceLength: 256,
      drawnSide: find(id).drawnSides?.usual ?? null,
      training: [
        { adapter: 'LoRA r16', bytes: 4.1e8, problem: null },
        { adapter: 'NoRA 64/16', bytes: 4.2e9, problem: null },
      ],
      asking:
        find(id).objective === 'next-token'
          ? [
              { baseFormat: 'fp32', bytes: 4.05e8 },
              { baseFormat: 'int4', bytes: 4.01e8 },
            ]
          : [],
      devices: fakeDevices.map(({ name, label, usable, detail }) => ({
        ...{ name, label, usable, detail },
        available: name === 'cpu' ? 4e9 : null,
      })),
    }),
  };
};
