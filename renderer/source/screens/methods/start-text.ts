/** What a factor starts as, in the parts that are drawn as formulas and those that are words. */
export interface StartText {
  readonly factor: string;
  /** `U Sigma`, and what that is a part of, `W S`. */
  readonly part?: { readonly formula: string; readonly of: string };
  readonly words: string;
}

const ofWeight = /^(.+) of (W = Q R|W S|W)(?:, (.*))?$/u;

/** Reads `B: U Sigma of W S, S: Mean |x|^p`. */
export const readStart = (start: string): StartText => {
  const at = start.indexOf(': ');
  const [factor, rest] = [start.slice(0, at), start.slice(at + 2)];
  const [, formula, of, words = ''] = ofWeight.exec(rest) ?? [];
  return formula === undefined || of === undefined
    ? { factor, words: plainMath(rest) }
    : { factor, part: { formula, of }, words: plainMath(words) };
};

const signs: readonly (readonly [RegExp, string])[] = [
  [/V\^T/g, 'Vᵀ'],
  [/S\^-1/g, 'S⁻¹'],
  [/\^p/g, 'ᵖ'],
  [/\bSigma\b/g, 'Σ'],
  [/\balpha\b/g, 'α'],
  [/\bsqrt\(rank\)/g, '√rank'],
];

/** Signs within sentences, where a formula of its own would break the line. */
export const plainMath = (text: string): string =>
  signs.reduce((changed, [pattern, sign]) => changed.replace(pattern, sign), text);
