import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith } from '../../support/requirements.ts';
import { killAtRandom } from './drill.ts';

// `npm run kill` does the same for as many moments as are asked for.
describeWith('linux', 'a run whose processes are killed at random moments', () => {
  it('leaves, to the bit, what a run leaves that nobody killed', { timeout: 180_000 }, async () => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'nora-kill-')));
    const outcomes = await killAtRandom({ directory, moments: 5, seed: 1, mostOfOneRun: 5 });
    expect(outcomes.flatMap(({ differences }) => differences)).toEqual([]);
    expect(outcomes.flatMap(({ killed }) => killed)).toHaveLength(5);
    rmSync(directory, { recursive: true, force: true });
  });
});
