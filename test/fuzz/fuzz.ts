/**
 * Reads inputs that were made to break readers: `npm run fuzz -- --inputs N [--format F] [--seed S] [--seconds T]`. The same seed, format and
 * number give the same input. Each format has a process of its own, which is ended where it answers nothing for twenty seconds.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createRandom } from '../../main/engine/random.ts';
import { formats, prepared } from './formats.ts';
import { faultOf } from './one-input.ts';

const corpus = join(import.meta.dirname, 'corpus');
const silence = 20_000;

const { values: options } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000' },
    format: { type: 'string' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '3600' },
    first: { type: 'string', default: '0' },
    worker: { type: 'boolean', default: false },
  },
});

interface Told {
  readonly at: number;
  readonly fault?: string;
  readonly input?: string;
}

const work = async (name: string): Promise<void> => {
  const format = formats[name]!;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `nora-fuzz-${name}-`)));
  await prepared(format, folder);
  const [first, end] = [Number(options.first), Number(options.inputs)];
  const until = Date.now() + Number(options.seconds) * 1000;
  for (let at = first; at < end && Date.now() < until; at++) {
    // Readers that await nothing would never let the messages out.
    if (at % 50 === 0) await nextTurn();
    const input = format.make(createRandom(Number(options.seed), at), folder);
    process.send!({ at } satisfies Told);
    const fault = await faultOf(format, input, folder);
    if (fault !== null)
      process.send!({ at, fault, input: Buffer.from(input).toString('base64') } satisfies Told);
  }
  rmSync(folder, { recursive: true, force: true });
  process.disconnect();
};

/** Faults by their first lines, each once. */
const run = (name: string, first = 0): Promise<{ inputs: number; faults: Map<string, number> }> =>
  new Promise((resolve) => {
    const faults = new Map<string, number>();
    const words = ['--worker', '--format', name, '--first', String(first)];
    for (const key of ['inputs', 'seed', 'seconds'] as const) words.push(`--${key}`, options[key]);
    const child = fork(import.meta.filename, words, { execArgv: ['--max-old-space-size=1024'] });
    let last = first;
    const overdue = (): void => {
      faults.set(`input ${last} was read for ${silence / 1000} s`, last);
      child.kill('SIGKILL');
    };
    let alarm = setTimeout(overdue, silence);
    child.on('message', ({ at, fault, input }: Told) => {
      clearTimeout(alarm);
      alarm = setTimeout(overdue, silence);
      last = at;
      if (fault === undefined) return;
      const key = fault.replaceAll(/\d+/g, '#').split('\n').slice(0, 3).join('\n');
      if (faults.has(key)) return;
      faults.set(key, at);
      mkdirSync(corpus, { recursive: true });
      writeFileSync(join(corpus, `${name}-${options.seed}-${at}.input`), Buffer.from(input!, 'base64'));
      console.log(`${name}, input ${at}: ${fault}`);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(alarm);
      if (code !== 0 && !faults.size) faults.set(`ended with ${code ?? signal} at input ${last}`, last);
      resolve({ inputs: last + 1 - first, faults });
    });
  });

if (options.worker) await work(options.format!);
else {
  const chosen = options.format === undefined ? Object.keys(formats) : [options.format];
  let found = 0;
  for (const name of chosen) {
    const started = Date.now();
    const { inputs, faults } = await run(name, Number(options.first));
    const seconds = (Date.now() - started) / 1000;
    found += faults.size;
    console.log(
      `${name}: ${inputs} inputs in ${seconds.toFixed(1)} s (${Math.round(inputs / seconds)}/s), ${faults.size} faults`,
    );
    for (const [fault, at] of faults) console.log(`  ${at}: ${fault.split('\n').slice(0, 2).join(' ')}`);
  }
  process.exitCode = found === 0 ? 0 : 1;
}
