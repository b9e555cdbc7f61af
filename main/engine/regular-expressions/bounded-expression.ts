import { WorkbenchError } from '../errors.ts';
import { compileProgram, type Program } from './program.ts';

/** As much of JavaScript's RegExp as is used to go through a text. */
export interface Expression {
  lastIndex: number;
  /** The first match from `lastIndex` on, which is set behind it as by the flag g. */
  exec(text: string): { readonly index: number; readonly 0: string } | null;
}

/** Steps that a text may take: some for each of its characters, and some in any case. A tenth of a second and more. */
const fewestSteps = 4_000_000;
const stepsPerCharacter = 400;

/**
 * An expression of a file that nobody vouches for, matched as JavaScript does, but so that a text takes a bounded time. V8 tries all ways
 * through an expression, which for `(a+)+b` are as many as 2^n for n characters; here no state is tried twice at one place, as in RE2's
 * backtracker, and what needs too many steps all the same (look-arounds from each place to the end) is refused.
 * @throws invalid-input where it can't be compiled; `exec` throws 'unsupported' for a text that takes too many steps
 */
export const boundedExpression = (source: string, isUnicode: boolean): Expression => {
  const program = compileProgram(source, isUnicode);
  let text = '';
  let matcher = createMatcher(program, text, source);
  return {
    lastIndex: 0,
    exec(given) {
      if (given !== text || this.lastIndex === 0) {
        text = given;
        matcher = createMatcher(program, text, source);
      }
      const found = matcher(this.lastIndex);
      this.lastIndex = found === null ? 0 : found.end;
      return found === null ? null : { index: found.start, 0: text.slice(found.start, found.end) };
    },
  };
};

type Matcher = (from: number) => { readonly start: number; readonly end: number } | null;

const failed = -1;

const createMatcher = (
  { instructions, entry, isUnicode }: Program,
  text: string,
  source: string,
): Matcher => {
  const width = text.length + 1;
  let steps = fewestSteps + stepsPerCharacter * width;
  /** Ends of look-arounds and atomic groups by their entry and place: whatever was tried before, they are the same. */
  const inner = new Map<number, number>();

  const endOf = (start: number, at: number): number => {
    const key = start * width + at;
    const known = inner.get(key);
    if (known !== undefined) return known;
    const end = run(start, at, new Set());
    inner.set(key, end);
    return end;
  };

  const isEdge = (edge: string, at: number): boolean => {
    if (edge === 'start') return at === 0;
    if (edge === 'end') return at === text.length;
    const isBetween = isWordUnit(text.charCodeAt(at - 1)) !== isWordUnit(text.charCodeAt(at));
    return isBetween === (edge === 'word');
  };

  /** Where the first match of the states behind `start` ends. @param tried forks that failed, by place */
  const run = (start: number, from: number, tried: Set<number>): number => {
    const waiting: number[] = [];
    let state = start;
    let at = from;
    for (;;) {
      if (--steps < 0) throw tooManySteps(source, text);
      const instruction = instructions[state]!;
      let goesOn = false;
      switch (instruction.kind) {
        case 'match':
          return at;
        case 'character': {
          const length = unitsOf(text, at, instruction.backwards, isUnicode);
          const place = instruction.backwards ? at - length : at;
          const isThere = length > 0 && instruction.test(characterAt(text, place, isUnicode));
          if (isThere) {
            at = instruction.backwards ? place : at + length;
            state = instruction.next;
            goesOn = true;
          }
          break;
        }
        case 'edge':
          goesOn = isEdge(instruction.edge, at);
          if (goesOn) state = instruction.next;
          break;
        case 'look':
          goesOn = (endOf(instruction.entry, at) !== failed) === instruction.wanted;
          if (goesOn) state = instruction.next;
          break;
        case 'atomic': {
          const end = endOf(instruction.entry, at);
          goesOn = end !== failed;
          if (goesOn) {
            at = end;
            state = instruction.next;
          }
          break;
        }
        case 'fork': {
          const key = state * width + at;
          goesOn = !tried.has(key);
          if (!goesOn) break;
          if (tried.size >= mostMarks) throw tooManySteps(source, text);
          tried.add(key);
          waiting.push(instruction.second, at);
          state = instruction.first;
        }
      }
      if (goesOn) continue;
      if (waiting.length === 0) return failed;
      at = waiting.pop()!;
      state = waiting.pop()!;
    }
  };

  return (from) => {
    // What failed from one place fails from the next too; a match ends the search, and the marks with it.
    const tried = new Set<number>();
    for (
      let start = from;
      start <= text.length;
      start += Math.max(1, unitsOf(text, start, false, isUnicode))
    ) {
      const end = run(entry, start, tried);
      if (end !== failed) return { start, end };
    }
    return null;
  };
};

/** A set takes some 40 bytes for each. */
const mostMarks = 4_000_000;

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

/** Code units of the character behind a place, or before it; 0 where the text ends. */
const unitsOf = (text: string, at: number, backwards: boolean, isUnicode: boolean): number => {
  const first = backwards ? at - 1 : at;
  if (first < 0 || first >= text.length) return 0;
  if (!isUnicode) return 1;
  const [high, low] = backwards ? [at - 2, at - 1] : [at, at + 1];
  return isHigh(text.charCodeAt(high)) && isLow(text.charCodeAt(low)) ? 2 : 1;
};

const characterAt = (text: string, at: number, isUnicode: boolean): number =>
  isUnicode ? text.codePointAt(at)! : text.charCodeAt(at);

const isWordUnit = (unit: number): boolean =>
  (unit >= 0x30 && unit <= 0x39) ||
  (unit >= 0x41 && unit <= 0x5a) ||
  (unit >= 0x61 && unit <= 0x7a) ||
  unit === 0x5f;

const tooManySteps = (source: string, text: string): WorkbenchError =>
  new WorkbenchError(
    'unsupported',
    `the regular expression ${JSON.stringify(source.length > 200 ? `${source.slice(0, 200)}…` : source)} takes too long on a text of ${text.length} characters`,
  );
