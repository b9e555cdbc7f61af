/**
 * `npm run bench:compare`: nora bench and transformers + PEFT do the same work in alternation; prints medians over the rounds
 * and ratios. On a machine with a GPU: `npm run bench:compare -- --device webgpu`, against PEFT in bf16 on CUDA.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { wholeNumber } from '../../main/cli/numbers.ts';
import { formatTable } from '../../main/cli/table.ts';
import { median } from '../../main/trainer/measure/measurements.ts';
import { measureOurs, measurePeer, peerProblem } from './contestants.ts';
import type { Flags, Measurement } from './contestants.ts';

const text = { type: 'string' } as const;
/** The work, told to both. */
const shared = { shape: text, batch: text, seq: text, labels: text, steps: text, threads: text, seed: text };
/** How we do it. */
const own = { method: text, outer: text, inner: text, base: text, memory: text, device: text };

const { values } = parseArgs({
  options: {
    ...shared,
    ...own,
    rank: text,
    /** Of the peer's base: fp32 or bf16. */
    dtype: text,
    'peer-device': text,
    rounds: text,
    json: { type: 'boolean' },
  },
});
const pick = (names: object): Flags =>
  Object.fromEntries(Object.keys(names).map((name) => [name, values[name as keyof typeof shared]]));

const onCpu = (values.device ?? 'cpu') === 'cpu';
const peerDevice = values['peer-device'] ?? (onCpu ? 'cpu' : 'cuda');
const work = { ...pick(shared), threads: values.threads ?? String(availableParallelism()) };
// The peer trains a LoRA whatever we do: of our rank, or of 16.
const contestants = {
  nora: () =>
    measureOurs({ ...work, ...pick(own), ...(values.method === 'nora' ? {} : { rank: values.rank }) }),
  peft: () =>
    measurePeer({
      ...work,
      rank: values.rank,
      dtype: values.dtype ?? (onCpu ? 'fp32' : 'bf16'),
      device: peerDevice,
    }),
};

const metrics: readonly (readonly [title: string, of: keyof Measurement, digits: number])[] = [
  ['step, median s', 'medianStepSeconds', 3],
  ['step, minimum s', 'minimumStepSeconds', 3],
  ['first step s', 'firstStepSeconds', 3],
  ['tokens a second', 'tokensPerSecond', 0],
  ['peak memory MB', 'peakMemoryMB', 0],
  ['peak device memory MB', 'peakDeviceMemoryMB', 0],
  ['load s', 'loadSeconds', 2],
  ['initialisation s', 'initialisationSeconds', 2],
  ['trained parameters', 'trainedParameters', 0],
  ['last loss', 'lastLoss', 4],
];

const medianOf = (measured: readonly Measurement[], name: keyof Measurement): number | null => {
  const given = measured.map((measurement) => measurement[name]).filter((value) => value !== undefined);
  return given.length === 0 ? null : median(given);
};

const compare = async (rounds: number): Promise<void> => {
  const measured: Record<keyof typeof contestants, Measurement[]> = { nora: [], peft: [] };
  for (let round = 0; round < rounds; round++)
    for (const name of ['nora', 'peft'] as const) {
      const measurement = await contestants[name]();
      measured[name].push(measurement);
      process.stderr.write(
        `round ${round + 1} of ${rounds}, ${name}: ${measurement.medianStepSeconds.toFixed(3)} s a step, ${measurement.peakMemoryMB.toFixed(0)} MB\n`,
      );
    }

  const rows = metrics.map(([title, name, digits]) => {
    const [nora, peft] = [medianOf(measured.nora, name), medianOf(measured.peft, name)];
    return { title, name, digits, nora, peft, ratio: nora === null || peft === null ? null : nora / peft };
  });
  const ratios = Object.fromEntries(rows.map(({ name, ratio }) => [name, ratio]));
  if (values.json === true)
    process.stdout.write(`${JSON.stringify({ flags: values, rounds: measured, ratios }, null, 2)}\n`);
  else process.stdout.write(`${tableOf(rows)}\n`);
};

interface Row {
  readonly title: string;
  readonly digits: number;
  readonly nora: number | null;
  readonly peft: number | null;
  readonly ratio: number | null;
}

const tableOf = (rows: readonly Row[]): string => {
  const number = (value: number | null, digits: number): string => value?.toFixed(digits) ?? '–';
  return formatTable(
    rows.filter(({ nora, peft }) => nora !== null || peft !== null),
    [
      { title: '', text: ({ title }) => title },
      { title: 'nora', text: ({ nora, digits }) => number(nora, digits), isNumber: true },
      { title: 'peft', text: ({ peft, digits }) => number(peft, digits), isNumber: true },
      { title: 'nora / peft', text: ({ ratio }) => number(ratio, 2), isNumber: true },
    ],
  );
};

const problem = await peerProblem(peerDevice);
if (problem !== null) {
  process.stderr.write(`error: ${problem}\n`);
  process.exitCode = 2;
} else {
  try {
    await compare(wholeNumber(values.rounds, '--rounds') || 3);
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
