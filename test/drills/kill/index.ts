/**
 * `npm run kill -- --moments 200 --seed 1`: kills trainer, workbench and both with SIGKILL at random moments of a run, has it go on, and compares all
 * that it leaves with a run that nobody killed (docs/reliability.md). On Linux, as the trainers are found in /proc.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killAtRandom, type Outcome } from './drill.ts';
import { targets } from './kills.ts';

const { values } = parseArgs({
  options: { moments: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});

const tell = ({ killed, differences }: Outcome): void => {
  const kills = killed.map(({ target, phase }) => `${target} while ${phase}`).join(', ');
  console.log(`${differences.length === 0 ? 'the same' : 'DIFFERS'}  ${kills || 'not killed in time'}`);
  for (const difference of differences) console.log(`  ${difference}`);
};

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'nora-kill-')));
const outcomes = await killAtRandom({
  directory,
  moments: Number(values.moments),
  seed: Number(values.seed),
  onRun: tell,
});

const all = outcomes.flatMap(({ killed, differences }) =>
  killed.map((kill) => ({ ...kill, isSame: differences.length === 0 })),
);
const phases = [...new Set(all.map(({ phase }) => phase))].toSorted();
console.log(
  `\n${['killed while', ...targets, 'runs that differ'].map((title) => title.padEnd(18)).join('')}`,
);
for (const phase of phases) {
  const there = all.filter((kill) => kill.phase === phase);
  const counts = targets.map((target) => there.filter((kill) => kill.target === target).length);
  const differ = there.filter(({ isSame }) => !isSame).length;
  console.log([phase, ...counts, differ].map((cell) => String(cell).padEnd(18)).join(''));
}
const differing = outcomes.filter(({ differences }) => differences.length > 0).length;
console.log(
  `\n${all.length} kills of ${outcomes.length} runs: ${differing} differ from a run that nobody killed`,
);
if (differing === 0) rmSync(directory, { recursive: true, force: true });
else console.log(`what they left stands in ${directory}`);
process.exitCode = differing === 0 ? 0 : 1;
