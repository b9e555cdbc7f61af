import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writePeftFolder } from '../../main/engine/peft/folder.ts';
import { writeSafetensors } from '../../main/engine/formats/safetensors-writer.ts';
import { architectures, exportedAdapter, formOf, modelFixtures, tried } from './exported.ts';

/**
 * Exports an adapter of every method on tiny models, and has PEFT load it and compute the same logits:
 * node test/peft/round-trip.ts --python PATH (a Python with torch, transformers and peft).
 * With --freeze what PEFT accepted, and what it computed, is written to accepted.json, which accepted.test.ts holds exports to.
 */
const { values: flags } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, freeze: { type: 'boolean', default: false } },
});
const folder = mkdtempSync(join(tmpdir(), 'nora-peft-'));
const accepted: Record<string, Record<string, object>> = {};

for (const architecture of architectures)
  for (const method of tried) {
    const { forms, logits, writeBase } = await exportedAdapter(architecture, method);
    const place = join(folder, architecture, method);
    mkdirSync(place, { recursive: true });
    for (const [name, contents] of forms) await writePeftFolder(join(place, name), contents);
    if (forms.has('adapter-on-base')) await writeBase(join(place, 'base'));
    writeSafetensors(
      join(place, 'logits.safetensors'),
      [{ name: 'logits', dtype: 'F32', shape: [logits.length], data: logits }],
      {},
    );
    const shown = [...forms].map(([name, contents]) => [
      name,
      { type: contents.config['peft_type'], form: formOf(contents) },
    ]);
    (accepted[architecture] ??= {})[method] = Object.fromEntries(shown);
  }

const script = join(import.meta.dirname, 'round-trip.py');
const { status } = spawnSync(flags.python, [script, modelFixtures, folder], { stdio: 'inherit' });
if (flags.freeze && status === 0) {
  /** By architecture and method: the first row's logits at its last token. */
  const logits = JSON.parse(readFileSync(join(folder, 'logits.json'), 'utf8'));
  for (const [architecture, each] of Object.entries(accepted))
    for (const [method, forms] of Object.entries(each))
      each[method] = { ...forms, logits: logits[architecture][method] };
  writeFileSync(join(import.meta.dirname, 'accepted.json'), `${JSON.stringify(accepted, null, 2)}\n`);
}
process.exitCode = status ?? 1;
