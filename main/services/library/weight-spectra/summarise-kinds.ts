import { siteKind } from '../../../engine/diagnostics/weight-sites.ts';
import type { WeightSpectrum } from '../../../engine/diagnostics/weight-spectrum.ts';
import { targetName, type LinearLayer } from '../../../engine/models/architecture.ts';
import type { SiteKind } from './weight-spectra-schema.ts';

/** Enough for a page; a list of all would be longer than what is read of it. */
const rounded = (value: number): number => Number(value.toPrecision(5));

/** At each place over all rows, which are of one length. */
const along = (rows: readonly (readonly number[])[], of: (values: number[]) => number): number[] =>
  rows[0]!.map((_, place) => rounded(of(rows.map((row) => row[place]!).sort((a, b) => a - b))));

const median = (sorted: number[]): number =>
  (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.floor(sorted.length / 2)]!) / 2;
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The sites by their kinds, in their order. */
export const summariseKinds = (
  sites: readonly LinearLayer[],
  spectrumOf: (module: string) => WeightSpectrum | undefined,
): SiteKind[] =>
  [...Map.groupBy(sites, siteKind)].map(([kind, layers]) => {
    const [first] = layers as [LinearLayer];
    const spectra = layers.flatMap(({ module }) => spectrumOf(module) ?? []);
    const curves = spectra.map(({ curve }) => curve);
    const isKnown = spectra.length > 0;
    return {
      kind,
      name: targetName(first),
      outFeatures: first.outFeatures,
      inFeatures: first.inFeatures,
      role: first.role ?? 'hidden',
      count: layers.length,
      done: spectra.length,
      curve: isKnown
        ? {
            lowest: along(curves, (values) => values[0]!),
            median: along(curves, median),
            highest: along(curves, (values) => values.at(-1)!),
          }
        : null,
      energy: isKnown
        ? along(
            spectra.map(({ energy }) => energy),
            mean,
          )
        : null,
    };
  });
