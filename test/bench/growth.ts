/**
 * How a step's time and memory grow: `node test/bench/growth.ts [axis ...]` benches the shape of SmolLM2-135M along one axis at a
 * time and prints a table for each (docs/performance.md). Two threads, five steps, medians.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRandomModel } from '../../main/engine/models/weights/random-weights.ts';
import { modelShapes } from '../../main/engine/models/shapes.ts';
import { measureOurs, type Flags } from './contestants.ts';

const shape = 'smollm2-135m';
const common: Flags = { threads: '2', steps: '5' };
const nora = (outer: number, inner: number): Flags => ({
  method: 'nora',
  outer: String(outer),
  inner: String(inner),
});

interface Point {
  readonly name: string;
  readonly flags: Flags;
  /** Instead of the shape's own. */
  readonly layers?: number;
}

const points = (values: readonly number[], flagsOf: (value: number) => Flags, suffix = ''): Point[] =>
  values.map((value) => ({ name: `${value}${suffix}`, flags: flagsOf(value) }));

const axes: Readonly<Record<string, readonly Point[]>> = {
  batch: [
    ...points([1, 2, 4, 8, 16], (batch) => ({ batch: String(batch), seq: '256' }), ' x 256'),
    ...points(
      [1, 2, 4, 8, 16],
      (batch) => ({ batch: String(batch), seq: '256', memory: 'low' }),
      ' x 256, low memory',
    ),
  ],
  sequence: [
    ...points([128, 256, 512, 1024, 2048], (seq) => ({ batch: '1', seq: String(seq) })),
    ...points([512, 1024, 2048], (seq) => ({ batch: '1', seq: String(seq), memory: 'low' }), ', low memory'),
  ],
  rank: [
    ...points([4, 16, 64, 128], (rank) => ({ rank: String(rank) }), ', LoRA'),
    ...points([32, 128, 192], (outer) => nora(outer, 16), ' outer, 16 inner, NoRA'),
    ...points([4, 64], (inner) => nora(128, inner), ' inner, 128 outer, NoRA'),
  ],
  layers: [5, 10, 20, 30].map((layers) => ({ name: String(layers), flags: {}, layers })),
  arms: [
    { name: '1', flags: {} },
    { name: '2', flags: { beside: 'nora' } },
    { name: '3', flags: { beside: 'nora,lora' } },
    { name: '4', flags: { beside: 'nora,lora,nora' } },
  ],
};

const withLayers = async <T>(layers: number, use: (directory: string) => Promise<T>): Promise<T> => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-growth-'));
  try {
    const config = { ...modelShapes[shape], num_hidden_layers: layers };
    writeRandomModel({ directory, config, dtype: 'F32', seed: 1 });
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
};

const measure = ({ flags, layers }: Point) =>
  layers === undefined
    ? measureOurs({ ...common, shape, ...flags })
    : withLayers(layers, (model) => measureOurs({ ...common, model, ...flags }));

const asked = process.argv.slice(2);
for (const axis of asked.length > 0 ? asked : Object.keys(axes)) {
  const chosen = axes[axis];
  if (!chosen) throw new Error(`${axis} is none of ${Object.keys(axes).join(', ')}`);
  console.log(
    `\n| ${axis} | s per step | tokens/s | peak MB | loading s |\n| --- | ---: | ---: | ---: | ---: |`,
  );
  for (const point of chosen) {
    const { medianStepSeconds, tokensPerSecond, peakMemoryMB, loadSeconds } = await measure(point);
    console.log(
      `| ${point.name} | ${medianStepSeconds.toFixed(2)} | ${tokensPerSecond.toFixed(0)} | ${peakMemoryMB.toFixed(0)} | ${loadSeconds.toFixed(1)} |`,
    );
  }
}
