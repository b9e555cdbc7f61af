import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loraFileAt } from '../../main/trainer/export/diffusion-lora-in.ts';

const root = mkdtempSync(join(tmpdir(), 'nora-lora-in-'));
afterAll(() => rmSync(root, { recursive: true }));

test('a file of LoRA that is not there is missed itself, and is no folder of PEFT', () => {
  const path = join(root, 'kohya.safetensors');
  expect(() => loraFileAt(path)).toThrow(`${path}: no such file`);
  expect(loraFileAt(root)).toBe(null);
});
