import { WorkbenchError } from '../../errors.ts';
import { pairTable } from './pair-table.ts';

/** Finds the pieces that a text goes on with from a place. */
export interface PieceTrie {
  /** The node behind a node and a code unit, or -1; the root is 0. */
  readonly next: (node: number, unit: number) => number;
  /** The value of the piece that ends at a node, or -1. */
  readonly valueAt: (node: number) => number;
  /** Calls back for each piece that starts at `at`, shortest first, with its value and its end. */
  readonly prefixes: (text: string, at: number, found: (value: number, end: number) => void) => void;
}

/** The tables take 24 bytes and more for each. The largest vocabularies have two million. */
const mostUnits = 2 ** 24;

/** @param pieces with a value from 0 on; of equal pieces the last counts */
export const pieceTrie = (pieces: readonly (readonly [text: string, value: number])[]): PieceTrie => {
  const units = pieces.reduce((sum, [text]) => sum + text.length, 0);
  if (units > mostUnits)
    throw new WorkbenchError(
      'unsupported',
      `the tokens have ${units.toLocaleString('en')} characters together; ${mostUnits.toLocaleString('en')} can be looked for`,
    );
  const children = pairTable(units + 1);
  const values = new Int32Array(units + 1).fill(-1);
  let nodes = 1;
  for (const [text, value] of pieces) {
    let node = 0;
    for (let at = 0; at < text.length; at++) {
      let child = children.get(node, text.charCodeAt(at));
      if (child === -1) {
        child = nodes++;
        children.set(node, text.charCodeAt(at), child);
      }
      node = child;
    }
    if (node !== 0) values[node] = value;
  }
  // most look-ups start anew
  const firsts = new Int32Array(0x10000).fill(-1);
  for (const [text] of pieces)
    if (text !== '') firsts[text.charCodeAt(0)] = children.get(0, text.charCodeAt(0));
  const next = (node: number, unit: number): number =>
    node === 0 ? firsts[unit]! : children.get(node, unit);
  return {
    next,
    valueAt: (node) => values[node]!,
    prefixes: (text, at, found) => {
      let node = 0;
      for (let place = at; place < text.length; place++) {
        node = next(node, text.charCodeAt(place));
        if (node === -1) return;
        const value = values[node]!;
        if (value !== -1) found(value, place + 1);
      }
    },
  };
};
