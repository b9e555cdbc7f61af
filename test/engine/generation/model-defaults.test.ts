import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readModelDefaults } from '../../../main/engine/generation/model-defaults.ts';

const directory = mkdtempSync(join(tmpdir(), 'nora-defaults-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('without the file, nothing is said', () => {
  expect(readModelDefaults(directory)).toEqual({ settings: {}, from: [] });
});

it.each([
  [
    {
      do_sample: true,
      temperature: 0.6,
      top_p: 0.9,
      top_k: 20,
      repetition_penalty: 1.05,
      eos_token_id: [1, 2],
    },
    { temperature: 0.6, topP: 0.9, topK: 20, repetitionPenalty: 1.05 },
    ['do_sample', 'repetition_penalty', 'temperature', 'top_k', 'top_p'],
  ],
  // What transformers switches off by 0 or 1 is off; tokens drawn without a word on the temperature have one of 1.
  [
    { do_sample: true, top_k: 0, top_p: 1 },
    { temperature: 1, topK: null, topP: null },
    ['do_sample', 'top_k', 'top_p'],
  ],
  // Without do_sample the likeliest token is taken, whatever the rest says.
  [{ temperature: 0.6, top_p: 0.9, max_new_tokens: 50 }, { maximumTokens: 50 }, ['max_new_tokens']],
  [{ do_sample: true, temperature: -1 }, { temperature: 1 }, ['do_sample']],
])('%j', (config, settings, from) => {
  writeFileSync(join(directory, 'generation_config.json'), JSON.stringify(config));
  expect(readModelDefaults(directory)).toEqual({ settings, from });
});
