import type { AST } from '@eslint-community/regexpp';
import { invalidInput } from '../errors.ts';
import { parseExpression } from './parse-expression.ts';

/** Whether a code point (or a code unit, in an expression without the flag u) is one of a class. */
export type CharacterTest = (character: number) => boolean;

/**
 * One state of an expression. `next` is where it goes on, by number. A fork tries its first way, and the second where all of the first
 * fails. Within a look-behind characters are taken backwards.
 */
export type Instruction =
  | { readonly kind: 'match' }
  | { readonly kind: 'character'; readonly test: CharacterTest; readonly backwards: boolean; next: number }
  | { readonly kind: 'fork'; first: number; second: number }
  | { readonly kind: 'edge'; readonly edge: 'start' | 'end' | 'word' | 'no-word'; next: number }
  | { readonly kind: 'look'; readonly entry: number; readonly wanted: boolean; next: number }
  /** What the expression behind `entry` takes first is taken, and no other way of it is tried. */
  | { readonly kind: 'atomic'; readonly entry: number; next: number };

export interface Program {
  readonly instructions: readonly Instruction[];
  readonly entry: number;
  readonly isUnicode: boolean;
}

/** Repetitions are written out, so {100000} would be as many states. */
const mostInstructions = 20_000;

/** What can't be matched in a bounded number of steps, or is not known. */
class UnsupportedExpression extends Error {}

/**
 * The states of an expression of JavaScript, of which the flag u alone counts. Captures mean nothing; a reference back is known only
 * as the way that an atomic group is written, `(?=(?<name>…))\k<name>`.
 * @throws invalid-input for an expression that is too large or uses another reference
 */
export const compileProgram = (source: string, isUnicode: boolean): Program => {
  const pattern = parseExpression(source, isUnicode);
  const instructions: Instruction[] = [];
  const add = (instruction: Instruction): number => {
    if (instructions.length >= mostInstructions) throw new UnsupportedExpression('has too many repetitions');
    return instructions.push(instruction) - 1;
  };
  // States are made from the last to the first: each is told where it goes on.
  const alternatives = (list: readonly AST.Alternative[], next: number, backwards: boolean): number =>
    list
      .map(({ elements }) => sequence(elements, next, backwards))
      .reduceRight((second, first) => add({ kind: 'fork', first, second }));

  const sequence = (elements: readonly AST.Element[], next: number, backwards: boolean): number => {
    const units = withAtomicGroups(elements);
    return backwards
      ? units.reduce((after, unit) => element(unit, after, backwards), next)
      : units.reduceRight((after, unit) => element(unit, after, backwards), next);
  };

  const element = (unit: Unit, next: number, backwards: boolean): number => {
    switch (unit.type) {
      case 'Atomic':
        return add({ kind: 'atomic', entry: alternatives(unit.alternatives, matched(), false), next });
      case 'Group':
      case 'CapturingGroup':
        if (unit.type === 'Group' && unit.modifiers)
          throw new UnsupportedExpression('changes its flags within');
        return alternatives(unit.alternatives, next, backwards);
      case 'Assertion':
        return assertion(unit, next);
      case 'Quantifier':
        return quantifier(unit, next, backwards);
      case 'Character':
        return add({ kind: 'character', test: (character) => character === unit.value, backwards, next });
      case 'CharacterClass':
      case 'CharacterSet':
        return add({ kind: 'character', test: classTest(unit.raw, isUnicode), backwards, next });
      default:
        throw new UnsupportedExpression(`uses ${unit.raw}`);
    }
  };

  const matched = (): number => add({ kind: 'match' });

  const assertion = (unit: AST.Assertion, next: number): number => {
    if (unit.kind === 'word') return add({ kind: 'edge', edge: unit.negate ? 'no-word' : 'word', next });
    if (!('alternatives' in unit)) return add({ kind: 'edge', edge: unit.kind, next });
    const entry = alternatives(unit.alternatives, matched(), unit.kind === 'lookbehind');
    return add({ kind: 'look', entry, wanted: !unit.negate, next });
  };

  const quantifier = (
    { min, max, greedy, element: repeated }: AST.Quantifier,
    next: number,
    back: boolean,
  ) => {
    const fork = (inside: number, behind: number): Instruction =>
      greedy
        ? { kind: 'fork', first: inside, second: behind }
        : { kind: 'fork', first: behind, second: inside };
    let entry = next;
    if (max === Infinity) {
      entry = add(fork(next, next));
      const inside = element(repeated, entry, back);
      instructions[entry] = fork(inside, next);
    } else {
      for (let times = min; times < max; times++) entry = add(fork(element(repeated, entry, back), next));
    }
    for (let times = 0; times < min; times++) entry = element(repeated, entry, back);
    return entry;
  };

  try {
    return { entry: alternatives(pattern.alternatives, matched(), false), instructions, isUnicode };
  } catch (error) {
    if (!(error instanceof UnsupportedExpression)) throw error;
    throw invalidInput(
      `the regular expression ${JSON.stringify(source.slice(0, 200))} ${error.message}, so the time that it takes can not be bounded`,
    );
  }
};

type Unit = AST.Element | { readonly type: 'Atomic'; readonly alternatives: readonly AST.Alternative[] };

/** Joins a lookahead and the reference back to what it took. */
const withAtomicGroups = (elements: readonly AST.Element[]): readonly Unit[] => {
  const units: Unit[] = [];
  for (const element of elements) {
    const group = element.type === 'Backreference' ? groupOf(units.at(-1)) : undefined;
    if (element.type === 'Backreference' && group !== undefined && element.resolved === group)
      units[units.length - 1] = { type: 'Atomic', alternatives: group.alternatives };
    else units.push(element);
  }
  return units;
};

/** The group that is all that a lookahead holds. */
const groupOf = (unit: Unit | undefined): AST.CapturingGroup | undefined => {
  if (unit?.type !== 'Assertion' || unit.kind !== 'lookahead' || unit.negate) return undefined;
  const [only, ...others] = unit.alternatives.flatMap(({ elements }) => elements);
  return others.length === 0 && only?.type === 'CapturingGroup' ? only : undefined;
};

/** A class alone takes no more than one step of V8's engine. What is not ASCII is remembered. */
const classTest = (raw: string, isUnicode: boolean): CharacterTest => {
  const expression = new RegExp(`^(?:${raw})$`, isUnicode ? 'u' : '');
  const spelled = isUnicode ? String.fromCodePoint : String.fromCharCode;
  const ascii = Array.from({ length: 0x80 }, (_, character) => expression.test(spelled(character)));
  const known = new Map<number, boolean>();
  return (character) => {
    if (character < 0x80) return ascii[character]!;
    const found = known.get(character);
    if (found !== undefined) return found;
    const tested = expression.test(spelled(character));
    known.set(character, tested);
    return tested;
  };
};
