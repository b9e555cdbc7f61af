import type { Example } from '../../data/examples/examples.ts';

/** What a token is, where it stands in its text, and what text it may look at. */
export interface PlacedToken {
  readonly id: number;
  readonly type: number;
  readonly position: number;
  /** Numbered depth first. */
  readonly segment: number;
  /** The last of the segments that go on from its own. */
  readonly lastSegment: number;
}

/** Sequences as the tokens that they are made of, where each beginning that several share stands once. */
export interface TokenTree {
  /** A token comes after those it follows, and before any that branches off earlier. */
  readonly tokens: readonly PlacedToken[];
  /** Of each sequence, where its tokens stand. */
  readonly places: readonly (readonly number[])[];
}

interface Node {
  readonly id: number;
  readonly type: number;
  readonly next: Map<number, Node>;
  place: number;
}

export interface GrowingTree {
  /** Tokens so far. */
  readonly size: () => number;
  /** How many tokens of a sequence are there already, from its first on. */
  readonly shared: (sequence: Example) => number;
  readonly add: (sequence: Example) => void;
  readonly build: () => TokenTree;
}

export const growTree = (): GrowingTree => {
  const roots = new Map<number, Node>();
  const sequences: Example[] = [];
  let size = 0;
  return {
    size: () => size,
    shared: ({ inputIds }) => {
      let [next, shared] = [roots, 0];
      for (const id of inputIds) {
        const node = next.get(id);
        if (node === undefined) break;
        next = node.next;
        shared += 1;
      }
      return shared;
    },
    add: (sequence) => {
      sequences.push(sequence);
      let next = roots;
      for (const [at, id] of sequence.inputIds.entries()) {
        let node = next.get(id);
        if (node === undefined) {
          node = { id, type: sequence.types?.[at] ?? 0, next: new Map(), place: -1 };
          next.set(id, node);
          size += 1;
        }
        next = node.next;
      }
    },
    build: () => {
      const tokens = layOut(roots);
      return { tokens, places: sequences.map((sequence) => placesOf(sequence, roots)) };
    },
  };
};

/** Depth first; a segment ends where texts branch. No recursion: a text may have many thousand tokens. */
const layOut = (roots: ReadonlyMap<number, Node>): PlacedToken[] => {
  const tokens: { -readonly [Field in keyof PlacedToken]: PlacedToken[Field] }[] = [];
  const parents: number[] = [];
  let segments = 0;
  const waiting = [...roots.values()].reverse().map((node) => ({ node, parent: -1, isOnly: false }));
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    const { node, parent, isOnly } = entry;
    const segment = isOnly ? tokens[parent]!.segment : segments++;
    node.place = tokens.length;
    parents.push(parent);
    tokens.push({
      id: node.id,
      type: node.type,
      position: parent === -1 ? 0 : tokens[parent]!.position + 1,
      segment,
      lastSegment: segment,
    });
    const children = [...node.next.values()].reverse();
    for (const child of children)
      waiting.push({ node: child, parent: node.place, isOnly: children.length === 1 });
  }
  for (let place = tokens.length - 1; place > 0; place--) {
    const before = tokens[parents[place]!];
    if (before) before.lastSegment = Math.max(before.lastSegment, tokens[place]!.lastSegment);
  }
  return tokens;
};

const placesOf = ({ inputIds }: Example, roots: ReadonlyMap<number, Node>): number[] => {
  let next = roots;
  return Array.from(inputIds, (id) => {
    const node = next.get(id)!;
    next = node.next;
    return node.place;
  });
};
