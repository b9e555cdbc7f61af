/**
 * `node test/bench/picture-operators.ts [--threads N] [--rounds N] [--only TEXT]`: milliseconds and GFLOP/s of the operators that a diffusion model is made of, one at a
 * time, in the shapes of Stable Diffusion 1.5 at 512 x 512. Milliseconds are the process's processor time divided by the threads, the least of the
 * rounds, so that other work on the machine counts little. Attention also in the shapes of SmolLM2-135M, causal with a bias, and of CLIP's pictures.
 * `--only`: operators with this in their line.
 */
import { parseArgs } from 'node:util';
import type { GraphBuilder } from '../../main/engine/graph/builder.ts';
import { createGraphBuilder } from '../../main/engine/graph/create-graph-builder.ts';
import { matmulFlops } from '../../main/engine/graph/flops.ts';
import type { Value } from '../../main/engine/graph/graph.ts';
import { createRandom } from '../../main/engine/random.ts';
import { createSession } from '../../main/engine/runtime/session.ts';
import type { Tensor } from '../../main/engine/tensor.ts';

const { values: options } = parseArgs({
  options: {
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '8' },
    only: { type: 'string', default: '' },
  },
});
const [threads, rounds] = [Number(options.threads), Number(options.rounds)];
const random = createRandom(3);

interface Work {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly build: (g: GraphBuilder, ...inputs: Value[]) => readonly Value[];
}

const convolutions = (inner: number, outer: number, side: number): Work[] => {
  const kernel = { stride: 1, padding: 1 };
  const [x, d, w] = [
    [1, inner, side, side],
    [1, outer, side, side],
    [outer, inner, 3, 3],
  ];
  const shape = `${inner} -> ${outer}, ${side} x ${side}`;
  return [
    { name: `convolution ${shape}`, shapes: [x, w], build: (g, a, b) => [g.convolution(a, b, kernel)] },
    {
      name: `its gradient by x ${shape}`,
      shapes: [d, w],
      build: (g, a, b) => [g.convolutionByInput(a, b, { ...kernel, size: [side, side] })],
    },
    {
      name: `its gradient by w ${shape}`,
      shapes: [x, d],
      build: (g, a, b) => [g.convolutionByWeight(a, b, { ...kernel, size: [3, 3] })],
    },
  ];
};

/** Of towers and texts: a row and heads of a batch, the bias as of causal texts where keys and values have fewer heads. */
const towerAttentions = (images: number, heads: number, keyHeads: number, places: number): Work[] => {
  const [query, key] = [
    [images, heads, places, 64],
    [images, keyHeads, places, 64],
  ];
  const isText = keyHeads < heads;
  const attributes = {
    scale: 1 / 8,
    tile: 256,
    headsAtOnce: null,
    positions: places,
    causal: isText,
    softcap: null,
  };
  const biasesOf = (g: GraphBuilder): readonly Value[] => {
    if (!isText) return [];
    const masked = Float32Array.from({ length: images * places * places }, (_, at) =>
      at % places > Math.floor(at / places) % places ? -1e30 : 0,
    );
    return [g.constant('bias', [images, 1, places, places], masked)];
  };
  const name = `${images} x ${places}, ${heads} heads (${keyHeads}) of 64`;
  return [
    {
      name: `attention ${name}`,
      shapes: [query, key, key],
      build: (g, q, k, v) => [g.attention(q, k, v, biasesOf(g), { ...attributes, outputKept: true })],
    },
    {
      name: `its gradient, attention ${name}`,
      shapes: [query, key, key, query, query],
      build: (g, q, k, v, output, gradient) =>
        Object.values(
          g.apply('attentionGradient', { q, k, v, output, gradient, biases: biasesOf(g) }, attributes),
        ),
    },
    {
      name: `its gradient without the output, attention ${name}`,
      shapes: [query, key, key, query],
      build: (g, q, k, v, gradient) =>
        Object.values(
          g.apply('attentionGradientAlone', { q, k, v, gradient, biases: biasesOf(g) }, attributes),
        ),
    },
  ];
};

const attentions = (places: number, width: number, tiles: readonly number[], keys = places): Work[] =>
  tiles.flatMap((tile): Work[] => {
    const [query, key] = [
      [1, 8, places, width],
      [1, 8, keys, width],
    ];
    const attributes = {
      scale: width ** -0.5,
      tile,
      headsAtOnce: null,
      positions: places,
      causal: false,
      softcap: null,
    };
    const shape = `${places} x ${keys}, 8 heads of ${width}, tiles of ${tile}`;
    return [
      {
        name: `attention ${shape}`,
        shapes: [query, key, key],
        build: (g, q, k, v) => [g.attention(q, k, v, [], { ...attributes, outputKept: true })],
      },
      {
        name: `its gradient, attention ${shape}`,
        shapes: [query, key, key, query, query],
        build: (g, q, k, v, output, gradient) =>
          Object.values(
            g.apply(
              'attentionGradient',
              { q: q, k: k, v: v, output: output, gradient: gradient, biases: [] },
              attributes,
            ),
          ),
      },
    ];
  });

const image = [1, 320, 64, 64];
const works: Work[] = [
  ...convolutions(320, 320, 64),
  ...convolutions(960, 320, 64),
  ...convolutions(640, 640, 32),
  ...convolutions(1280, 1280, 16),
  ...attentions(4096, 40, [256, 512]),
  ...attentions(1024, 80, [256, 1024]),
  ...attentions(4096, 40, [256, 4096], 77),
  ...towerAttentions(4, 9, 3, 256),
  ...towerAttentions(1, 9, 3, 2048),
  ...towerAttentions(8, 12, 12, 197),
  {
    name: 'group norm 320, 64 x 64',
    shapes: [image, [320], [320]],
    build: (g, x, weight, bias) => [g.groupNorm(x, weight, bias, { groups: 32, epsilon: 1e-5 })],
  },
  { name: 'upsampling 640, 32 x 32', shapes: [[1, 640, 32, 32]], build: (g, x) => [g.upsample(x)] },
];

const drawn = (shape: readonly number[]): Tensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform() - 0.5),
});

/** Processor milliseconds of a thread. */
const measured = async (run: () => Promise<unknown>): Promise<number> => {
  await run();
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000 / threads);
  }
  return least;
};

for (const { name, shapes, build } of works.filter(({ name }) => name.includes(options.only))) {
  const g = createGraphBuilder();
  const inputs = shapes.map((shape, index) => g.input(`x${index}`, 'float32', shape));
  // A column of each: the binding copies what a graph returns.
  const results = build(g, ...inputs).map((value) => g.slice(value, value.shape.length - 1, 0, 1));
  const graph = g.build(Object.fromEntries(results.map((value, at) => [`y${at}`, value])));
  const session = await createSession(graph, { threads });
  const feeds = Object.fromEntries(shapes.map((shape, index) => [`x${index}`, drawn(shape)]));
  const milliseconds = await measured(() => session.run(feeds));
  await session.release();
  const rate = matmulFlops(graph, {}) / milliseconds / 1e6;
  process.stdout.write(
    `${name.padEnd(64)} ${milliseconds.toFixed(1).padStart(7)} ms ${rate.toFixed(0).padStart(5)} GFLOP/s\n`,
  );
}
