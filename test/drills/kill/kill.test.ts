import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith } from '../../support/requirements.ts';
import { killAtRandom } from './drill.ts';

// `npm run kill` does the same for as many moments as are asked for.
describeWith('linux', 'a run whose processes are killed at random moments', () => {
  it('leaves, to the bit, what a run leaves that nobody killed', { timeout: 600_000 }, async () => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'nora-kill-')));
    const outcomes = await killAtRandom({ directory, moments: 3, seed: 2, mostOfOneRun: 3 });
    expect(outcomes.flatMap(({ differences }) => differences)).toEqual([]);
    expect(outcomes.flatMap(({ killed }) => killed)).toHaveLength(3);
    rmSync(directory, { recursive: true, force: true });
  });
});
