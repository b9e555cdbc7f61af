import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { modelShapes } from '../../main/engine/models/shapes.ts';
import { writeRandomModel } from '../../main/engine/models/weights/random-weights.ts';

/**
 * Milliseconds a token, one row, of this engine and of its peers, taken in turns in one run so that whatever else the machine does falls on all:
 *
 *     NORA_PYTHON=…/python NORA_LLAMA=FOLDER NORA_GGUF=FILE.gguf node test/bench/generate.ts --prompt 128 --threads 1
 *
 * NORA_PYTHON has transformers; NORA_LLAMA is a folder with node-llama-cpp installed, NORA_GGUF a model of the same shape in Q8_0 for it.
 * Peers that are not named are left out. The first contestant is what the others are compared with.
 */
const { values } = parseArgs({
  options: {
    prompt: { type: 'string', default: '128' },
    tokens: { type: 'string', default: '48' },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    shape: { type: 'string', default: 'smollm2-135m' },
    formats: { type: 'string', default: 'fp32,int8,int4' },
    json: { type: 'boolean', default: false },
  },
});

/** What each contestant prints. */
interface Measured {
  readonly promptMs: number;
  readonly tokenMs: number;
  /** Of the processor, all threads together: what others on the machine take of the clock is not in it. */
  readonly tokenCpuMs: number;
}

interface Contestant {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

const folder = join(tmpdir(), `nora-bench-${values.shape}`);
if (!existsSync(join(folder, 'config.json'))) {
  mkdirSync(folder, { recursive: true });
  writeRandomModel({ directory: folder, config: modelShapes[values.shape]!, dtype: 'F32', seed: 1 });
}

const numbers = [values.prompt, values.tokens, values.threads];
const here = (file: string): string => join(import.meta.dirname, file);
const { NORA_PYTHON: python, NORA_LLAMA: llama, NORA_GGUF: gguf } = process.env;
const contestants: Contestant[] = [
  ...(python
    ? [
        {
          name: 'transformers fp32',
          program: python,
          args: [here('peer-generate.py'), folder, ...numbers],
        },
      ]
    : []),
  ...(llama && gguf
    ? [
        {
          name: 'llama.cpp Q8_0',
          program: process.execPath,
          args: [here('peer-llama.mjs'), llama, gguf, ...numbers],
        },
      ]
    : []),
  ...values.formats.split(',').map((format) => ({
    name: `this engine ${format}`,
    program: process.execPath,
    args: [here('generate-ours.ts'), folder, format, ...numbers],
  })),
];

const measure = ({ program, args }: Contestant): Measured => {
  const output = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return JSON.parse(output.trim().split('\n').at(-1)!) as Measured;
};

const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[all.length >> 1]!;

const rounds = contestants.map((): Measured[] => []);
for (let round = 0; round < Number(values.rounds); round++)
  contestants.forEach((contestant, index) => rounds[index]!.push(measure(contestant)));

const table = contestants.map(({ name }, index) => {
  const of = (key: keyof Measured): number[] => rounds[index]!.map((one) => one[key]);
  return {
    name,
    promptMs: Math.min(...of('promptMs')),
    tokenMs: Math.min(...of('tokenMs')),
    tokenCpuMs: median(of('tokenCpuMs')),
    /** The median of what each round says, compared with the first contestant. */
    ratio: median(of('tokenCpuMs').map((value, round) => value / rounds[0]![round]!.tokenCpuMs)),
  };
});

if (values.json) console.log(JSON.stringify(table));
else
  console.table(
    table.map(({ name, ...measured }) => ({
      name,
      ...Object.fromEntries(Object.entries(measured).map(([key, value]) => [key, Number(value.toFixed(2))])),
    })),
  );
