import type { AlignedText, Replacement } from './aligned-text.ts';
import { transform } from './aligned-text.ts';
import { decodeRanges, lazySet } from './unicode/code-point-set.ts';
import tables from './unicode/tables.json' with { type: 'json' };

/*
 * The normal forms of Unicode 9, as the crate unicode-normalization-alignments computes them: later versions have given some new
 * characters decompositions and combining classes, which it does not know. Written out rather than left to String.normalize for
 * the alignment too, which depends on the order in which characters are taken apart and put together.
 */

const decomposes = lazySet('decomposed');
const decomposesCompatibly = lazySet('compatibilityDecomposed');

let classes: Map<number, number> | undefined;
const combiningClass = (codePoint: number): number => {
  if (codePoint < 0x300) return 0;
  classes ??= new Map(
    Object.entries(tables.combiningClasses).flatMap(([value, encoded]) =>
      decodeRanges(encoded).flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, step): [number, number] => [
          first + step,
          Number(value),
        ]),
      ),
    ),
  );
  return classes.get(codePoint) ?? 0;
};

interface Decomposed extends Replacement {
  readonly combining: number;
}

/** Canonical order within each run of combining characters. */
function* decompositions(text: string, isCompatible: boolean): Generator<Decomposed> {
  let pending: Decomposed[] = [];
  for (const character of text) {
    const codePoint = character.codePointAt(0)!;
    const changes = isCompatible ? decomposesCompatibly(codePoint) : decomposes(codePoint);
    const parts = changes ? character.normalize(isCompatible ? 'NFKD' : 'NFD') : character;
    let change = 0;
    for (const part of parts) {
      const combining = combiningClass(part.codePointAt(0)!);
      if (combining === 0) {
        yield* sorted(pending);
        pending = [];
      }
      pending.push({ character: part, change, combining });
      change = 1;
    }
  }
  yield* sorted(pending);
}

const sorted = (pending: Decomposed[]): Decomposed[] =>
  pending.length < 2 ? pending : pending.sort((left, right) => left.combining - right.combining);

/** The character that two compose to, where Unicode 9 has one. */
const compose = (first: string, second: string): string | undefined => {
  const composed = (first + second).normalize('NFC');
  const codePoint = composed.codePointAt(0)!;
  if (composed.length > (codePoint > 0xffff ? 2 : 1)) return undefined;
  return isHangul(codePoint) || decomposes(codePoint) ? composed : undefined;
};

const isHangul = (codePoint: number): boolean => codePoint >= 0xac00 && codePoint <= 0xd7a3;

function* compositions(text: string, isCompatible: boolean): Generator<Replacement> {
  let starter: Replacement | null = null;
  let waiting: Replacement[] = [];
  let lastClass: number | null = null;
  for (const next of decompositions(text, isCompatible)) {
    if (starter === null) {
      if (next.combining === 0) starter = next;
      else yield next;
      continue;
    }
    const isBlocked: boolean = lastClass !== null && lastClass >= next.combining;
    const composed: string | undefined = isBlocked ? undefined : compose(starter.character, next.character);
    if (composed !== undefined) {
      starter = { character: composed, change: starter.change + next.change - 1 };
      continue;
    }
    if (next.combining === 0 && (lastClass === null || isBlocked)) {
      yield starter;
      yield* waiting;
      starter = next;
      waiting = [];
      lastClass = null;
      continue;
    }
    waiting.push(next);
    lastClass = next.combining;
  }
  if (starter !== null) yield starter;
  yield* waiting;
}

export type NormalForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

export const normalForm =
  (form: NormalForm) =>
  (source: AlignedText): AlignedText => {
    // ASCII is the same in all forms

    if (/^[\0-\x7f]*$/.test(source.text)) return source;
    const isCompatible = form === 'NFKC' || form === 'NFKD';
    const parts = form === 'NFC' || form === 'NFKC' ? compositions : decompositions;
    return transform(source, parts(source.text, isCompatible));
  };
