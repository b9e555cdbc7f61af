import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trainedArchitectures } from '../../main/engine/models/architectures/index.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { layoutParameters } from '../../main/engine/optim/parameter-layout.ts';
import { architectureFolders, readExpected } from './golden/golden-folder.ts';
import { gradientError } from './golden/gradients.ts';
import { failuresOf, runCase } from './golden/run-case.ts';

const folders = architectureFolders(join(import.meta.dirname, 'fixtures'));

describe('whole runs against transformers, PEFT and PyTorch', () => {
  it('finds a reference run of each architecture', () => {
    const types = folders.map(({ folder }) => openModel(join(folder, 'model')).architecture.name);
    expect([...new Set(types)].sort()).toEqual([...trainedArchitectures].sort());
  });

  for (const { name, folder } of folders)
    it.each(Object.keys(readExpected(folder).methods))(
      `${name}, %s: logits, 20 losses and gradient norms, gradients, final logits`,
      async (method) => {
        const errors = await runCase(folder, method);
        expect(failuresOf(errors), JSON.stringify(errors)).toEqual([]);
        expect(errors.gradients, 'the reference keeps gradients').not.toBeNull();
      },
    );

  it('notices an engine that is off', () => {
    const inside = {
      logits: 0,
      losses: 0,
      gradientNorms: 0,
      gradients: 0,
      finalLogits: 0,
      decomposition: null,
      trainable: 0,
    };
    expect(failuresOf(inside)).toEqual([]);
    expect(failuresOf({ ...inside, losses: 3e-5, trainable: -1 })).toEqual(['losses', 'trainable']);
    expect(failuresOf({ ...inside, finalLogits: Number.NaN })).toEqual(['finalLogits']);
  });

  it('notices a gradient of the right norm and the wrong sign, or of a tensor that is not trained', () => {
    const layout = layoutParameters([
      { name: 'a', shape: [2] },
      { name: 'b', shape: [2] },
    ]);
    const reference = new Map([['b', Float32Array.of(-4, 1)]]);
    const errorOf = (...own: number[]): number => gradientError(layout, Float32Array.of(...own), reference);
    expect(errorOf(7, 7, -4, 1)).toBe(0);
    expect(errorOf(7, 7, -4, -1)).toBe(0.5);
    expect(errorOf(7, 7, 4, -1)).toBe(2);
    expect(errorOf(7, 7, Number.NaN, 1)).toBeNaN();
    expect(gradientError(layout, new Float32Array(4), new Map([['c', Float32Array.of(1, 1)]]))).toBe(
      Infinity,
    );
  });
});
