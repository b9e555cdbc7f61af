/**
 * `node test/bench/awsvd.ts [--model DIR [--statistics FILE.json]] [--rank R] [--threads N] [--exponent P] [--rounds N]
 * [--python PYTHON] [--no-error] [--layers N]`: seconds of the randomised AwSVD of all linear layers of a model (without one: random
 * matrices in SmolLM2-135M's shapes), in alternation with torch.linalg.svd where a Python with torch is given, and how much
 * larger the errors of B A are than those of the exact truncation. Statistics map modules to mean |x|; without, they are
 * drawn log-normal with outliers.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { concurrently } from '../../main/engine/concurrently.ts';
import { readWeight } from '../../main/engine/formats/model-folder.ts';
import { writeSafetensors } from '../../main/engine/formats/safetensors.ts';
import { activationScale, type AwsvdFactors, type AwsvdInput } from '../../main/engine/init/awsvd.ts';
import { randomizedAwsvd } from '../../main/engine/init/randomized-awsvd.ts';
import { blockedProduct } from '../../main/engine/linear-algebra/blocked-products.ts';
import { nativeStatus } from '../../main/engine/linear-algebra/native.ts';
import { singularValueDecomposition } from '../../main/engine/linear-algebra/svd.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { createRandom } from '../../main/engine/random.ts';

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    model: { type: 'string' },
    statistics: { type: 'string' },
    rank: { type: 'string', default: '128' },
    threads: { type: 'string', default: '2' },
    exponent: { type: 'string', default: '0.5' },
    rounds: { type: 'string', default: '3' },
    layers: { type: 'string', default: '1000' },
    python: { type: 'string' },
    error: { type: 'boolean', default: true },
  },
});
const threads = Number(options.threads);

/** SmolLM2-135M's linear layers: 30 times q, k, v, o, gate, up, down. */
const shapes = [
  [576, 576],
  [192, 576],
  [192, 576],
  [576, 576],
  [1536, 576],
  [1536, 576],
  [576, 1536],
] as const;

const inputs = (): AwsvdInput[] => {
  const rank = Number(options.rank);
  const exponent = Number(options.exponent);
  const random = createRandom(1);
  const drawn = (inFeatures: number): Float64Array =>
    Float64Array.from(
      { length: inFeatures },
      (_, i) => Math.exp(random.normal() / 2) * (i % 191 === 7 ? 20 : 1),
    );
  const layers = Number(options.layers);
  if (options.model === undefined)
    return Array.from({ length: Math.min(30, layers) }, () => shapes)
      .flat()
      .map(([outFeatures, inFeatures], index) => ({
        weight: Float32Array.from({ length: outFeatures * inFeatures }, () => random.normal() * 0.1),
        ...{ outFeatures, inFeatures, rank, split: 'b', name: `random ${index}` },
        scale: activationScale(drawn(inFeatures), exponent),
      }));
  const model = openModel(options.model);
  const statistics = options.statistics
    ? (JSON.parse(readFileSync(options.statistics, 'utf8').replaceAll('"model.', '"model.')) as Record<
        string,
        number[]
      >)
    : {};
  return model.linearLayers.slice(0, 7 * layers).map(({ module, outFeatures, inFeatures }) => ({
    weight: readWeight(model.folder, `${module}.weight`),
    ...{ outFeatures, inFeatures, rank, split: 'b', name: module },
    scale: activationScale(
      statistics[module] ? Float64Array.from(statistics[module]) : drawn(inFeatures),
      exponent,
    ),
  }));
};

const weighted = ({ weight, scale, inFeatures }: AwsvdInput): Float64Array =>
  Float64Array.from(weight, (entry, at) => entry * scale[at % inFeatures]!);

/** Of ||(W - B A) S||_F to the least possible one, less 1. */
const excess = (input: AwsvdInput, { a, b }: AwsvdFactors): number => {
  const { outFeatures, inFeatures, rank, scale } = input;
  const matrix = weighted(input);
  const { singularValues } = singularValueDecomposition(
    { rows: outFeatures, columns: inFeatures, data: matrix },
    Math.min(outFeatures, inFeatures),
  );
  const least = singularValues.subarray(rank).reduce((sum, value) => sum + value * value, 0);
  const product = blockedProduct(
    { rows: outFeatures, columns: rank, data: Float64Array.from(b) },
    { rows: rank, columns: inFeatures, data: Float64Array.from(a) },
  );
  const error = matrix.reduce(
    (sum, entry, at) => sum + (entry - product.data[at]! * scale[at % inFeatures]!) ** 2,
    0,
  );
  return Math.sqrt(error / least) - 1;
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((x, y) => x - y)[Math.floor(numbers.length / 2)]!;

const list = inputs();
const factors: AwsvdFactors[] = [];

const ours = async (): Promise<number> => {
  const started = performance.now();
  await concurrently(list, threads, async (input, index) => {
    factors[index] = await randomizedAwsvd(input);
  });
  return (performance.now() - started) / 1000;
};

const withPeer = async (use: (once: () => Promise<number>) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'awsvd-bench-'));
  const file = join(directory, 'weighted.safetensors');
  writeSafetensors(
    file,
    list.map((input) => ({
      name: input.name!,
      dtype: 'F32',
      shape: [input.outFeatures, input.inFeatures],
      data: Float32Array.from(weighted(input)),
    })),
  );
  const script = join(import.meta.dirname, 'peer-svd.py');
  const peer = spawn(options.python!, [script, file, options.threads], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(peer.stdout)[Symbol.asyncIterator]();
  try {
    await lines.next();
    await use(async () => {
      peer.stdin.write('\n');
      return Number((await lines.next()).value);
    });
  } finally {
    peer.stdin.end();
    rmSync(directory, { recursive: true });
  }
};

const our: number[] = [];
const theirs: number[] = [];
await ours();
const rounds = async (peer?: () => Promise<number>): Promise<void> => {
  for (let round = 0; round < Number(options.rounds); round++) {
    our.push(await ours());
    if (peer) theirs.push(await peer());
  }
};
await (options.python === undefined ? rounds() : withPeer(rounds));

const { available } = nativeStatus();
console.log(`${list.length} matrices, rank ${options.rank}, ${threads} threads, addon ${available}`);
console.log(`ours ${median(our).toFixed(3)} s (${our.map((s) => s.toFixed(3)).join(', ')})`);
if (theirs.length > 0) {
  console.log(
    `torch.linalg.svd ${median(theirs).toFixed(3)} s (${theirs.map((s) => s.toFixed(3)).join(', ')})`,
  );
  console.log(`ratio ${(median(our) / median(theirs)).toFixed(3)}`);
}
if (options.error) {
  const all = list.map((input, index) => excess(input, factors[index]!));
  const worst = all.indexOf(Math.max(...all));
  console.log(
    `error over the least one: mean ${(all.reduce((x, y) => x + y) / all.length).toExponential(2)}, ` +
      `largest ${all[worst]!.toExponential(2)} (${list[worst]!.name})`,
  );
}
