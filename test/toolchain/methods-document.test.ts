import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { designSpace } from '../../main/engine/adapters/layer/design-space.ts';
import { methodsDocument, methodsText } from './methods-document.ts';

it('docs/methods.md is what the code says (npm run docs writes it)', async () => {
  const options = await resolveConfig(methodsDocument);
  const expected = await format(methodsText(), { ...options, filepath: methodsDocument });
  expect(readFileSync(methodsDocument, 'utf8')).toBe(expected);
});

it('writes a method as the papers do', () => {
  const byTitle = new Map(designSpace().map((row) => [row.title, row]));
  expect(byTitle.get('LoRA')).toMatchObject({
    delta: 's B A',
    parameters: 'out·r + r·in',
    startsAtBase: true,
    peft: 'LORA',
  });
  expect(byTitle.get('NoRA, paper')).toMatchObject({
    delta: "s B B' A' A",
    trained: ["B'", "A'"],
    frozen: ['B', 'A'],
    parameters: "r·r' + r'·r",
  });
  expect(byTitle.get('NoRA, official code')?.startsAtBase).toBe(false);
  expect(byTitle.get('PiSSA')).toMatchObject({
    delta: 's (B A - B0 A0)',
    peft: 'LORA, init_lora_weights pissa',
  });
});
