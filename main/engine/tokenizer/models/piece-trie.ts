import { pairTable } from './pair-table.ts';

/** Finds the pieces that a text goes on with from a place. */
export interface PieceTrie {
  /** Calls back for each piece that starts at `at`, shortest first, with its value and its end. */
  readonly prefixes: (text: string, at: number, found: (value: number, end: number) => void) => void;
}

/** @param pieces with a value from 0 on; of equal pieces the last counts */
export function pieceTrie(pieces: readonly (readonly [text: string, value: number])[]): PieceTrie {
  const units = pieces.reduce((sum, [text]) => sum + text.length, 0);
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
  return {
    prefixes: (text, at, found) => {
      let node = 0;
      for (let place = at; place < text.length; place++) {
        node = children.get(node, text.charCodeAt(place));
        if (node === -1) return;
        const value = values[node]!;
        if (value !== -1) found(value, place + 1);
      }
    },
  };
}
