import { join } from 'node:path';
import { z } from 'zod';
import { weightSpectrumOf, type WeightSpectrum } from '../../../engine/diagnostics/weight-spectrum.ts';
import { cacheDirectoryOf } from '../../shared/cache-directory.ts';
import { keptAnswers } from '../kept-answers.ts';

const answerSchema = z.strictObject({ singularValues: z.array(z.number()).min(1) });

export interface SpectrumFiles {
  /** Undefined where a weight is not decomposed, or its file can't be read: then it is decomposed again. */
  read(contentHash: string, module: string): WeightSpectrum | undefined;
  write(contentHash: string, module: string, singularValues: readonly number[]): void;
}

/** Singular values of weights, each in a file of the cache, by what the model holds: the same model in another folder need not be decomposed again. */
export const createSpectrumFiles = (dataDirectory: string): SpectrumFiles => {
  const kept = keptAnswers(join(cacheDirectoryOf(dataDirectory), 'spectra'), answerSchema);
  // What a page shows is asked for with each weight that is done.
  const known = new Map<string, WeightSpectrum>();
  const nameOf = (contentHash: string, module: string): string => JSON.stringify([contentHash, module]);

  return {
    read: (contentHash, module) => {
      const name = nameOf(contentHash, module);
      const spectrum = known.get(name);
      if (spectrum !== undefined) return spectrum;
      const answer = kept.find([contentHash, module]);
      if (answer === undefined) return undefined;
      const read = weightSpectrumOf(Float64Array.from(answer.singularValues));
      known.set(name, read);
      return read;
    },
    write: (contentHash, module, singularValues) => {
      kept.keep([contentHash, module], { singularValues: [...singularValues] });
      known.set(nameOf(contentHash, module), weightSpectrumOf(Float64Array.from(singularValues)));
    },
  };
};
