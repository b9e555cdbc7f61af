import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileWhole } from '../../../engine/formats/atomic-file.ts';
import { makeFolder } from '../../../engine/formats/make-folder.ts';
import { weightSpectrumOf, type WeightSpectrum } from '../../../engine/diagnostics/weight-spectrum.ts';
import { cacheDirectoryOf } from '../../runs/run-specification.ts';

const fileSchema = z.strictObject({ singularValues: z.array(z.number()).min(1) });

export interface SpectrumFiles {
  /** Undefined where a weight is not decomposed, or its file can't be read: then it is decomposed again. */
  read(contentHash: string, module: string): WeightSpectrum | undefined;
  write(contentHash: string, module: string, singularValues: readonly number[]): void;
}

/** Singular values of weights, each in a file of the cache, by what the model holds: the same model in another folder need not be decomposed again. */
export const createSpectrumFiles = (dataDirectory: string): SpectrumFiles => {
  // What a page shows is asked for with each weight that is done.
  const known = new Map<string, WeightSpectrum>();
  const folderOf = (contentHash: string): string =>
    join(cacheDirectoryOf(dataDirectory), 'spectra', contentHash);
  const pathOf = (contentHash: string, module: string): string =>
    join(folderOf(contentHash), `${encodeURIComponent(module)}.json`);
  const keep = (path: string, singularValues: readonly number[]): WeightSpectrum => {
    const spectrum = weightSpectrumOf(Float64Array.from(singularValues));
    known.set(path, spectrum);
    return spectrum;
  };

  return {
    read: (contentHash, module) => {
      const path = pathOf(contentHash, module);
      const kept = known.get(path);
      if (kept !== undefined) return kept;
      try {
        return keep(path, fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).singularValues);
      } catch {
        return undefined;
      }
    },
    write: (contentHash, module, singularValues) => {
      makeFolder(folderOf(contentHash));
      const path = pathOf(contentHash, module);
      writeFileWhole(path, JSON.stringify({ singularValues }));
      keep(path, singularValues);
    },
  };
};
