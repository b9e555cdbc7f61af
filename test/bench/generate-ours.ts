import { join } from 'node:path';
import { tmpdir } from 'node:os';
import type { BaseFormat } from '../../main/engine/base/base-format.ts';
import type { Tokenizer } from '../../main/engine/data/tokens/tokenizer.ts';
import { createGenerator } from '../../main/engine/generation/create-generator.ts';
import { defaultGenerationSettings } from '../../main/engine/generation/generation-settings.ts';
import { openModel } from '../../main/engine/models/model.ts';

/** One row answered once to warm up and once to be measured: FOLDER FORMAT PROMPT TOKENS THREADS. */
const [folder, format, prompt, tokens, threads] = process.argv.slice(2) as [string, BaseFormat, ...string[]];

/** A random model has no words. */
const tokenizer = { decode: (ids: readonly number[]) => '.'.repeat(ids.length) } as Tokenizer;

const generator = await createGenerator({
  ...{ model: openModel(folder), baseFormat: format, tokenizer, arms: [null], endTokens: [] },
  threads: Number(threads),
  cacheFolder: join(tmpdir(), 'nora-bench-weights'),
});
const row = {
  ids: Array.from({ length: Number(prompt) }, (_, at) => 5 + ((at * 7919) % 40_000)),
  arm: 0,
  settings: { ...defaultGenerationSettings, maximumTokens: Number(tokens) },
};
await generator.generate([{ ...row, settings: { ...row.settings, maximumTokens: 4 } }]);
const start = performance.now();
let [first, last] = [0, 0];
let cpu = process.cpuUsage();
await generator.generate([row], {
  onToken: () => {
    last = performance.now();
    if (first !== 0) return;
    first = last;
    cpu = process.cpuUsage();
  },
});
const used = process.cpuUsage(cpu);
await generator.release();
console.log(
  JSON.stringify({
    promptMs: first - start,
    tokenMs: (last - first) / (Number(tokens) - 1),
    tokenCpuMs: (used.user + used.system) / 1000 / (Number(tokens) - 1),
  }),
);
