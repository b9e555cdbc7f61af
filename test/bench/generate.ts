import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { allocatorEnvironment } from '../../main/trainer/process/allocator-environment.ts';
import { modelShapes } from '../../main/engine/models/shapes.ts';
import { writeRandomModel } from '../../main/engine/models/weights/random-weights.ts';

/**
 * Milliseconds a token, one row, of this engine and of its peers, taken in turns in one run so that whatever else the machine does falls on all:
 *
 *     NORA_PYTHON=…/python NORA_LLAMA=FOLDER NORA_GGUF=FILE.gguf node test/bench/generate.ts --prompt 128 --threads 1
 *
 * NORA_PYTHON has transformers; NORA_LLAMA is a folder with node-llama-cpp installed, NORA_GGUF a model of the same shape in Q8_0 for it.
 * Peers that are not named are left out. The first contestant is what the others are compared with. This engine runs with the heap that trainers
 * have. A contestant that fails in a round is left out of it; two rounds at least are needed of each.
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
  readonly environment?: NodeJS.ProcessEnv;
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
    environment: allocatorEnvironment(process.env),
  })),
];

const measure = ({ name, program, args, environment = process.env }: Contestant): Measured | null => {
  try {
    const output = execFileSync(program, args, {
      encoding: 'utf8',
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return JSON.parse(output.trim().split('\n').at(-1)!) as Measured;
  } catch (error) {
    console.error(`${name} failed in this round: ${(error as Error).message.split('\n')[0]}`);
    return null;
  }
};

const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[all.length >> 1]!;

const roundCount = Math.max(2, Number(values.rounds));
const rounds = contestants.map((): (Measured | null)[] => []);
for (let round = 0; round < roundCount; round++)
  contestants.forEach((contestant, index) => rounds[index]!.push(measure(contestant)));

/** The median of what each round says that both finished. */
const ratio = (index: number, to: number): number =>
  median(
    rounds[index]!.flatMap((one, round) => {
      const other = rounds[to]![round];
      return one && other ? [one.tokenCpuMs / other.tokenCpuMs] : [];
    }),
  );

const finished = contestants.flatMap((contestant, index) =>
  rounds[index]!.filter((one) => one !== null).length > 1 ? [{ contestant, index }] : [],
);
const table = finished.map(({ contestant: { name }, index }) => {
  const of = (key: keyof Measured): number[] => rounds[index]!.flatMap((one) => (one ? [one[key]] : []));
  const tokenMs = Math.min(...of('tokenMs'));
  return {
    name,
    promptMs: Math.min(...of('promptMs')),
    tokenMs,
    tokensPerSecond: 1000 / tokenMs,
    tokenCpuMs: median(of('tokenCpuMs')),
    ratio: ratio(index, finished[0]!.index),
  };
});

/** How many times as long (or as fast) as its peer each of ours is, by processor time: what docs/generation.md aims at. */
const aims = [
  { ours: 'fp32', peer: 'transformers fp32', of: 'as fast as', inverse: true },
  { ours: 'int8', peer: 'llama.cpp Q8_0', of: 'the time of', inverse: false },
  { ours: 'int4', peer: 'llama.cpp Q8_0', of: 'the time of', inverse: false },
].flatMap(({ ours, peer, of, inverse }) => {
  const place = (name: string) => finished.find(({ contestant }) => contestant.name === name)?.index;
  const [own, other] = [place(`this engine ${ours}`), place(peer)];
  if (own === undefined || other === undefined) return [];
  const times = ratio(own, other);
  return [{ aim: `${ours}: times ${of} ${peer}`, value: inverse ? 1 / times : times }];
});

const rounded = (row: Readonly<Record<string, string | number>>) =>
  Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key,
      typeof value === 'number' ? Number(value.toFixed(2)) : value,
    ]),
  );

if (values.json) console.log(JSON.stringify({ table, aims }));
else {
  console.table(table.map(rounded));
  console.table(aims.map(rounded));
}
