import { describe, expect, it } from 'vitest';
import {
  broadcastShapes,
  difference,
  divide,
  elementsOf,
  extentOf,
  multipleOf,
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

  it('divides where every share is whole, and says what is left over', () => {
    expect(divide('8*rows', 2)).toEqual({ quotient: '4*rows', remainder: 0 });
    expect(divide('8*rows', 2, 1)).toEqual({ quotient: '4*rows', remainder: 1 });
    expect(divide('4*rows*columns+6', 2, -1)).toEqual({ quotient: '2*columns*rows+2', remainder: 1 });
    expect(divide(7, 2)).toEqual({ quotient: 3, remainder: 1 });
    expect(divide('rows', 1, 2)).toEqual({ quotient: 'rows+2', remainder: 0 });
    expect(divide('rows', 2)).toBeUndefined();
    expect(divide('8*rows+columns', 2)).toBeUndefined();
    expect(divide('8*rows', 2, -1)).toBeUndefined();
  });

  it('are told by an axis that is a multiple of one name', () => {
    expect(multipleOf('rows')).toEqual({ name: 'rows', count: 1 });
    expect(multipleOf('8*rows')).toEqual({ name: 'rows', count: 8 });
    for (const dimension of [8, 'rows*columns', 'past+sequence', 'rows+1'])
      expect(multipleOf(dimension)).toBeUndefined();
  });

  it('are read off the shapes of inputs where they stand by themselves or so many times', () => {
    const value = (shape: (string | number)[]) => ({ id: 0, dataType: 'float32' as const, shape });
    const inputs = [
      { name: 'x', value: value(['batch', 4, 'past+sequence']) },
      { name: 'y', value: value(['past']) },
      { name: 'latents', value: value(['batch', '8*rows', 'rows*columns']) },
      { name: 'absent', value: value(['other']) },
    ];
    const shapes: Record<string, number[]> = { x: [2, 4, 8], y: [3], latents: [2, 16, 10] };
    expect(extentsOf(inputs, (name) => shapes[name])).toEqual({ batch: 2, past: 3, rows: 2 });
    shapes['latents'] = [2, 17, 10];
    expect(() => extentsOf(inputs, (name) => shapes[name])).toThrow(
      'latents: axis 1 has 17 entries, not a multiple of 8 as 8*rows asks',
    );
  });
});
