import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDrawing } from '../../main/cli/generation/drawing-flags.ts';
import { folderNames } from '../../main/cli/generation/drawn-folders.ts';
import { root } from '../support/paths.ts';
import { writeTinyPipeline } from '../support/tiny-pipeline.ts';
import { createCommandLine, type CommandLine } from './nora.ts';

let cli: CommandLine;
const path = (...names: string[]): string => join(cli.directory, ...names);
beforeAll(async () => {
  cli = createCommandLine();
  writeTinyPipeline(path('painter'));
  const model = await cli.nora('model', 'import', 'painter');
  expect(model.code, model.stderr).toBe(0);
  const peft = join(root, 'test/numeric/fixtures/sd15/lora/init');
  const adapter = await cli.nora('adapter', 'import', peft, '--model', 'painter', '--name', 'my dog');
  expect(adapter.code, adapter.stderr).toBe(0);
});
afterAll(() => cli.remove());

test('the model is shown by its parts, and what is only used is said', async () => {
  const { stdout } = await cli.nora('model', 'show', 'painter');
  const rows = stdout.slice(stdout.indexOf('part ')).split('\n');
  expect(rows.filter((row) => /^\S/.test(row)).map((row) => row.split(/ {2,}/)[0])).toEqual([
    ...['part', 'U-Net', 'text encoder', 'VAE'],
  ]);
  expect(stdout).toMatch(/attention to texts +to_q to_k to_v to_out\.0 .* yes$/m);
  expect(stdout).toMatch(/convolutions 3x3 +conv_in conv1 .* by name$/m);
  expect(stdout).toMatch(/convolutions 1x1 +.*quant_conv.* only used$/m);
});

const draw = ['draw', 'painter', '--steps', '2', '--sampler', 'euler'];

test('base and adapter draw beside each other, in a folder each', async () => {
  const asked = [...draw, '--prompt', 'a cat', 'a dog', '--count', '2', '--seed', '5', '--adapter', 'my dog'];
  const told = await cli.nora(...asked, '--out', 'pictures');
  expect(told.code, told.stderr).toBe(0);
  expect(told.stdout).toContain('the model itself:\n');
  expect(told.stdout).toContain('side by side:\n');
  expect(readdirSync(path('pictures')).toSorted()).toEqual(['base', 'my dog', 'side-by-side.png']);
  for (const arm of ['base', 'my dog']) {
    const listing = readFileSync(path('pictures', arm, 'drawn.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(listing.map((line) => JSON.parse(line) as unknown)).toEqual([
      { file: '0001.png', prompt: 'a cat', seed: 5 },
      { file: '0002.png', prompt: 'a cat', seed: 6 },
      { file: '0003.png', prompt: 'a dog', seed: 5 },
      { file: '0004.png', prompt: 'a dog', seed: 6 },
    ]);
  }
  const again = await cli.nora(...draw, '--prompt', 'a dog', '--seed', '6', '--out', 'again');
  expect(again.code, again.stderr).toBe(0);
  expect(readFileSync(path('again/base/0001.png'))).toEqual(readFileSync(path('pictures/base/0004.png')));
  expect(existsSync(path('again/side-by-side.png'))).toBe(false);
  const { document } = await cli.noraJson(
    ...[...draw, '--prompt', 'a cat', '--adapter', 'my dog', '--no-base', '--size', '8x16', '--out', 'alone'],
  );
  expect(document).toMatchObject({
    ...{ width: 8, height: 16, sheets: [] },
    arms: [{ arm: 'my dog', pictures: [path('alone/my dog/0001.png')] }],
  });
});

test('what cannot be drawn is refused before a model is opened, and nothing is written', async () => {
  mkdirSync(path('full'));
  writeFileSync(path('full/note.txt'), '');
  const full = await cli.nora(...draw, '--prompt', 'a cat', '--out', 'full');
  expect([full.code, full.stderr]).toEqual([2, expect.stringContaining('full is not empty: name a folder')]);
  const words = ['--prompt', 'a cat', '--out', 'new', '--sampler', 'plms'];
  const sampler = await cli.nora('draw', 'painter', ...words);
  const named = 'sampler: expected "ddim", "euler", "euler-ancestral", "dpm-solver++" or "pndm", not "plms"';
  expect([sampler.code, sampler.stderr]).toEqual([2, expect.stringContaining(named)]);
  expect(existsSync(path('new'))).toBe(false);
});

test('flags are read as settings', () => {
  expect(readDrawing({})).toEqual({});
  expect(readDrawing({ size: '512', guidance: '3.5', steps: '20', karras: false })).toEqual({
    ...{ width: 512, height: 512, guidance: 3.5, steps: 20, karras: false },
  });
  expect(readDrawing({ size: '512x768', negative: '' })).toEqual({ width: 512, height: 768, negative: '' });
  expect(() => readDrawing({ size: 'big' })).toThrow('--size: expected pixels, as 512 or 512x768');
  expect(() => readDrawing({ guidance: 'much' })).toThrow('--guidance: expected a number, not "much"');
});

test('names of arms become folders that every system can have', () => {
  expect(folderNames(['base', 'Base', 'a/b: "c"?', '..', 'LoRA r4'])).toEqual([
    ...['base', 'Base-2', 'a-b- -c-', 'arm', 'LoRA r4'],
  ]);
});
