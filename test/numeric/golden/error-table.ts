import { tolerances, type CaseErrors } from './run-case.ts';

interface PassedCase {
  readonly arch: string;
  readonly method: string;
  readonly errors: CaseErrors;
}

const columns: readonly (readonly [keyof CaseErrors, string])[] = [
  ['logits', 'logits'],
  ['losses', 'losses, relative'],
  ['gradientNorms', 'gradient norms, relative'],
  ['gradients', 'gradients, relative to the largest'],
  ['finalLogits', 'final logits'],
  ['decomposition', 'B A of AwSVD, relative'],
];

const cell = (value: number | null): string => (value === null ? '' : value.toExponential(1));

/** The errors of cases, the worst of all and the tolerances, in Markdown: what docs/reference-errors.md shows. */
export const errorTable = (cases: readonly PassedCase[]): string => {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const worst = (name: keyof CaseErrors): number => Math.max(...cases.map(({ errors }) => errors[name] ?? 0));
  const sorted = cases.toSorted((a, b) => (`${a.arch} ${a.method}` < `${b.arch} ${b.method}` ? -1 : 1));
  return [
    row(['architecture', 'method', ...columns.map(([, title]) => title)]),
    row(['---', '---', ...columns.map(() => '---:')]),
    ...sorted.map(({ arch, method, errors }) =>
      row([arch, method, ...columns.map(([name]) => cell(errors[name]))]),
    ),
    row([`worst of ${cases.length}`, '', ...columns.map(([name]) => cell(worst(name)))]),
    row(['tolerance', '', ...columns.map(([name]) => cell(tolerances[name]))]),
  ].join('\n');
};
