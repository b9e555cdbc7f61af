import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openModel } from '../../../main/engine/models/model.ts';
import { architectureFolders } from '../golden/golden-folder.ts';
import { readRun } from '../golden/golden-run.ts';
import { mergeCases } from './merge-cases.ts';
import { measureMerges, type MergeErrors } from './measure-merge.ts';

export const mergeDocument = fileURLToPath(new URL('../../../docs/merge-errors.md', import.meta.url));
export const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));

/** Those whose logits are of rows of text; test/engine/adapters/convolution-sites.test.ts merges into models that draw. */
export const mergedModels = (): { name: string; folder: string }[] =>
  architectureFolders(fixtures).filter(
    ({ folder }) => !openModel(join(folder, 'model')).architecture.diffusion,
  );

const leastTolerance = 1e-4;

/**
 * Most that merging may change a logit in float32: more than the usual where an adapter is so large (NoRA's official starts, drawn whole)
 * that the last bits of its own numbers change the logits by more.
 */
export const mergeToleranceOf = ({ unsure }: MergeErrors): number => Math.max(leastTolerance, 2 * unsure);

export interface Measured {
  readonly model: string;
  readonly errors: ReadonlyMap<string, MergeErrors>;
}

/** Every case on every reference model. */
export const measureAll = async (onModel: (model: string) => void): Promise<Measured[]> => {
  const cases = mergeCases();
  const measured: Measured[] = [];
  for (const { name, folder } of mergedModels()) {
    const { model, batches } = readRun(folder);
    measured.push({ model: name, errors: await measureMerges(model, batches, cases) });
    onModel(name);
  }
  return measured;
};

const short = (value: number): string => value.toExponential(1);
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(columns), row(columns.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n');

const columns = ['fp32', 'rounded to bf16', 'rounded to fp16', 'moved by the adapter'];
const worst = (errors: readonly MergeErrors[]): string[] =>
  (['merged', 'bf16', 'f16', 'moved'] as const).map((field) =>
    short(Math.max(...errors.map((one) => one[field]))),
  );

export const mergeText = (measured: readonly Measured[]): string => {
  const cases = mergeCases().map(({ name }) => name);
  const everything = measured.flatMap(({ errors }) => [...errors.values()]);
  return `# Errors of merging

Written by \`npm run -s merge-errors\`: every method, and every choice that a method offers, on every reference model
(\`test/numeric/fixtures\`), each trained number moved at random. Largest absolute differences in the logits of three random rows of
eleven tokens (CLIP: of three pictures of noise, over texts of that length), between base + adapter and the merged weights: in fp32 (at most ${leastTolerance} is held by the tests, or twice what
half a unit in the last place of each trained number changes where that is more), and apart from that with the
merged weights rounded to bf16 and to fp16, as they are written where the base has those types. The last column says how far the adapter
moved the logits from the base's.

Worst of all ${everything.length}: fp32 ${worst(everything)[0]!}, bf16 ${worst(everything)[1]!}, fp16 ${worst(everything)[2]!}.

## By model, the worst over all methods

${table(
  ['model', ...columns],
  measured.map(({ model, errors }) => [model, ...worst([...errors.values()])]),
)}

## By method, the worst over all models

${table(
  ['method', ...columns],
  cases.map((name) => [name, ...worst(measured.map(({ errors }) => errors.get(name)!))]),
)}

## Each, fp32

${table(
  ['method', ...measured.map(({ model }) => model)],
  cases.map((name) => [name, ...measured.map(({ errors }) => short(errors.get(name)!.merged))]),
)}

## Each, rounded to bf16 / fp16

${table(
  ['method', ...measured.map(({ model }) => model)],
  cases.map((name) => [
    name,
    ...measured.map(({ errors }) => `${short(errors.get(name)!.bf16)} / ${short(errors.get(name)!.f16)}`),
  ]),
)}
`;
};

/** Cells outside the tolerance, as text. */
export const outside = (measured: readonly Measured[]): string[] =>
  measured.flatMap(({ model, errors }) =>
    [...errors].flatMap(([name, one]) =>
      one.merged <= mergeToleranceOf(one) ? [] : [`${model}, ${name}: ${short(one.merged)}`],
    ),
  );
