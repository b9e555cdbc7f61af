import { describe, expect, it } from 'vitest';
import {
  broadcastShapes,
  difference,
  elementsOf,
  extentOf,
  product,
  sum,
} from '../../../main/engine/graph/dimension.ts';
import { extentsOf } from '../../../main/engine/graph/input-extents.ts';

describe('dimensions', () => {
  it('writes products in one canonical form', () => {
    expect(product(['sequence', 3, 'batch'])).toBe('3*batch*sequence');
    expect(product(['3*sequence', 2])).toBe('6*sequence');
    expect(product([2, 3, 4])).toBe(24);
    expect(product(['sequence', 0])).toBe(0);
    expect(product([])).toBe(1);
  });

  it('writes sums in one canonical form, the plain number last', () => {
    expect(sum(['sequence', 'past'])).toBe('past+sequence');
    expect(sum([1, 'sequence', 2, 'past'])).toBe('past+sequence+3');
    expect(sum(['sequence', '2*sequence'])).toBe('3*sequence');
    expect(sum(['sequence*batch', 'batch*sequence'])).toBe('2*batch*sequence');
    expect(sum([2, 3])).toBe(5);
    expect(sum([])).toBe(0);
    expect(sum(['sequence', 0])).toBe('sequence');
  });

  it('multiplies sums out', () => {
    expect(product(['batch', 'past+sequence'])).toBe('batch*past+batch*sequence');
    expect(product(['past+1', 'past+2'])).toBe('3*past+past*past+2');
  });

  it('takes away what is there for sure, and nothing else', () => {
    expect(difference('past+sequence', 'past')).toBe('sequence');
    expect(difference('past+sequence', 'past+sequence')).toBe(0);
    expect(difference('3*batch+2', 'batch+2')).toBe('2*batch');
    expect(difference(5, 3)).toBe(2);
    expect(difference(3, 5)).toBeUndefined();
    expect(difference('sequence', 1)).toBeUndefined();
    expect(difference('past', 'sequence')).toBeUndefined();
  });

  it('broadcasts known and named extents', () => {
    expect(broadcastShapes(['batch', 1, 3], [4, 1])).toEqual(['batch', 4, 3]);
    expect(broadcastShapes(['past+sequence', 1], [4])).toEqual(['past+sequence', 4]);
    expect(broadcastShapes(['batch'], ['sequence'])).toBeUndefined();
    expect(broadcastShapes([2], [3])).toBeUndefined();
  });

  it('fills in the extents of names', () => {
    expect(extentOf(7, {})).toBe(7);
    expect(extentOf('3*batch*sequence', { batch: 2, sequence: 5 })).toBe(30);
    expect(extentOf('2*past*batch+sequence+1', { batch: 2, past: 3, sequence: 5 })).toBe(18);
    expect(elementsOf(['batch', 'past+sequence', 4], { batch: 2, past: 3, sequence: 5 })).toBe(64);
    expect(() => extentOf('batch', {})).toThrow('no extent is given for batch');
  });

  it('are read off the shapes of inputs where they stand by themselves', () => {
    const value = (shape: (string | number)[]) => ({ id: 0, dataType: 'float32' as const, shape });
    const inputs = [
      { name: 'x', value: value(['batch', 4, 'past+sequence']) },
      { name: 'y', value: value(['past']) },
      { name: 'absent', value: value(['other']) },
    ];
    const shapes: Record<string, number[]> = { x: [2, 4, 8], y: [3] };
    expect(extentsOf(inputs, (name) => shapes[name])).toEqual({ batch: 2, past: 3 });
  });
});
