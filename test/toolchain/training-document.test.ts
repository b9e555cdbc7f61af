import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lengthUnits } from '../../main/engine/train/settings/run-length.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { root } from '../support/paths.ts';

it('docs/training.md tells of every training setting', () => {
  const document = readFileSync(join(root, 'docs/training.md'), 'utf8');
  const fields = [...lengthUnits, ...Object.keys(trainingSettingsSchema.parse({}))];
  expect(fields.filter((field) => !document.includes(`\`${field}`))).toEqual([]);
});
