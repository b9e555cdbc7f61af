/**
 * Writes what steps and tokens are spent on into docs/performance-accounts.md: the section of this machine's processor anew, those of others as they
 * are. `node test/bench/accounts.ts [--threads 2] [--steps 4] [--only fp32,int8,…] [--processor NAME]`. Nothing else should run meanwhile.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { writeFileWhole } from '../../main/engine/formats/atomic-file.ts';
import { root } from '../support/paths.ts';

const { values: given } = parseArgs({
  options: {
    threads: { type: 'string', default: '2' },
    steps: { type: 'string', default: '4' },
    only: { type: 'string' },
    processor: { type: 'string' },
  },
});

interface Case {
  readonly title: string;
  /** What prints the account. */
  readonly script: string;
  readonly words: readonly string[];
}

const text = (title: string, ...words: string[]): Case => ({
  title,
  script: 'main/cli/nora.ts',
  words: ['bench', '--shape', 'smollm2-135m', '--profile', ...words],
});
const steps = ['--steps', given.steps];

const cases: Readonly<Record<string, Case>> = {
  fp32: text('A training step, fp32', ...steps),
  int8: text('A training step, base in 8 bits', '--base', 'int8', ...steps),
  low: text('A training step, fp32, low memory', '--memory', 'low', ...steps),
  'decode-fp32': text('A token of an answer, fp32', '--decode'),
  'decode-int8': text('A token of an answer, base in 8 bits', '--decode', '--base', 'int8'),
  clip: {
    title: 'A step of CLIP (ViT-B/16, 8 pictures, 100 prompts of 10 tokens)',
    script: 'test/bench/clip-step.ts',
    words: ['--profile', ...steps],
  },
  unet: {
    title: "A step of Stable Diffusion 1.5's U-Net (512 x 512, one picture)",
    script: 'test/bench/unet-step.ts',
    words: ['--profile', ...steps],
  },
};

/** cpuinfo's family and model tell generations of one name apart. */
const processorName = (): string => {
  const name = cpus()[0]?.model.trim() ?? 'unknown';
  const file = '/proc/cpuinfo';
  if (!existsSync(file)) return name;
  const field = (of: string): string | undefined =>
    new RegExp(`^${of}\\s*:\\s*(.+)$`, 'm').exec(readFileSync(file, 'utf8'))?.[1];
  const [family, model] = [field('cpu family'), field('model')];
  return family === undefined ? name : `${name} (family ${family}, model ${model})`;
};

const run = promisify(execFile);

/** The account as it is printed, as a block of Markdown. */
const account = async ({ title, script, words }: Case): Promise<string> => {
  const command = [script, ...words, '--threads', given.threads];
  const busy = loadavg()[0]!;
  const { stdout } = await run(process.execPath, command, { cwd: root, maxBuffer: 2 ** 26 });
  const printed = stdout.slice(stdout.indexOf('A watched ')).trim();
  const load = `\`node ${command.join(' ')}\`, load before it ${busy.toFixed(1)}`;
  return `### ${title}\n\n${load}\n\n\`\`\`text\n${printed}\n\`\`\`\n`;
};

const page = join(root, 'docs/performance-accounts.md');
const heading = `## ${given.processor ?? processorName()}`;

/** What the page says before, of this processor, and of those after it. */
const sections = readFileSync(page, 'utf8').split(/^(?=## )/m);
const chosen = given.only?.split(',') ?? Object.keys(cases);
const unknown = chosen.filter((name) => !Object.hasOwn(cases, name));
if (unknown.length > 0)
  throw new Error(`--only: no case ${unknown.join(', ')} (there are ${Object.keys(cases).join(', ')})`);

const known = sections.find((section) => section.startsWith(`${heading}\n`))?.split(/^(?=### )/m) ?? [
  `${heading}\n\n`,
];
const accounts = new Map(known.slice(1).map((one) => [one.slice(0, one.indexOf('\n')), one.trimEnd()]));
for (const name of chosen) {
  const one = cases[name]!;
  console.log(one.title);
  accounts.set(`### ${one.title}`, (await account(one)).trimEnd());
}
const section = `${[known[0]!.trimEnd(), ...accounts.values()].join('\n\n')}\n`;
const others = sections.filter((one) => !one.startsWith(`${heading}\n`)).map((one) => one.trimEnd());
writeFileWhole(page, `${[...others, section.trimEnd()].join('\n\n')}\n`);
