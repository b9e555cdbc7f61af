import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseFormats } from '../../main/engine/base/base-format.ts';
import { loadTokenizer } from '../../main/engine/data/tokens/tokenizer.ts';
import { createGenerator } from '../../main/engine/generation/create-generator.ts';
import { defaultGenerationSettings } from '../../main/engine/generation/generation-settings.ts';
import { openModel } from '../../main/engine/models/model.ts';

/**
 * How far greedy answers are those of transformers, token by token, for each form of the base:
 *
 *     NORA_PYTHON=…/python node test/bench/greedy-agreement.ts MODEL-FOLDER PROMPTS.jsonl [TOKENS]
 *
 * A line of PROMPTS.jsonl has a `prompt`. Once one token differs, all that follow answer another text: what counts is the first difference.
 */
const [folder, prompts, tokens = '64'] = process.argv.slice(2) as [string, string, string?];

interface Answered {
  readonly prompt: readonly number[];
  readonly answer: readonly number[];
}

const peer = execFileSync(
  process.env['NORA_PYTHON'] ?? 'python3',
  [join(import.meta.dirname, 'peer-greedy.py'), folder, prompts, tokens],
  { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Answered);

const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[all.length >> 1]!;

const table = [];
for (const format of baseFormats) {
  const generator = await createGenerator({
    ...{ model: openModel(folder), baseFormat: format, tokenizer: loadTokenizer(folder), arms: [null] },
    ...{ threads: null, endTokens: [], cacheFolder: join(tmpdir(), 'nora-bench-weights') },
  });
  const settings = { ...defaultGenerationSettings, maximumTokens: Number(tokens) };
  const answers = await generator.generate(peer.map(({ prompt }) => ({ ids: prompt, arm: 0, settings })));
  await generator.release();
  const alike = answers.map(({ ids }, row) => {
    const at = ids.findIndex((id, index) => id !== peer[row]!.answer[index]);
    return at < 0 ? ids.length : at;
  });
  table.push({
    format,
    'answers alike': `${alike.filter((count) => count === Number(tokens)).length} of ${peer.length}`,
    'tokens alike before a difference, median': median(alike),
    'first tokens alike': `${alike.filter((count) => count > 0).length} of ${peer.length}`,
  });
}
console.table(table);
