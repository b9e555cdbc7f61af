import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBatches } from '../numeric/golden/golden-folder.ts';
import { exportedAdapter, formOf, modelFixtures, tried, type ExportedAdapter } from './exported.ts';
import { tokenFields } from '../../main/engine/data/batches/token-batch.ts';

interface Accepted {
  readonly type: string;
  readonly form: string;
}

/** What PEFT loaded and computed when `round-trip.ts --freeze` last ran. */
const accepted = JSON.parse(readFileSync(join(import.meta.dirname, 'accepted.json'), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, Accepted>> & { logits: number[] }>>>
>;

/** The first row's logits at its last token, the first of them; a classifier's own row. */
const lastLogits = (architecture: string, { logits }: ExportedAdapter, count: number): number[] => {
  const [batch] = readBatches(join(modelFixtures, architecture));
  const { attentionMask, sequence } = tokenFields(batch!);
  if (architecture.endsWith('_cls')) return [...logits.subarray(0, count)];
  const width = logits.length / attentionMask.length;
  const last = attentionMask.subarray(0, sequence).lastIndexOf(1n);
  return [...logits.subarray(last * width, last * width + count)];
};

describe.each(['llama', 'gpt2', 'bert_cls'])('what is exported on %s', (architecture) => {
  it.each(tried)('with %s is what PEFT accepted', async (method) => {
    const exported = await exportedAdapter(architecture, method);
    const { logits, ...forms } = accepted[architecture]![method]!;
    for (const [name, contents] of exported.forms)
      expect([name, contents.config['peft_type'], formOf(contents)]).toEqual([
        name,
        forms[name]!.type,
        forms[name]!.form,
      ]);
    const ours = lastLogits(architecture, exported, logits.length);
    expect(Math.max(...ours.map((value, at) => Math.abs(value - logits[at]!)))).toBeLessThan(1e-4);
  });
});
