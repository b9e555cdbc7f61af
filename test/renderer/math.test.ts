import { describe, expect, it } from 'vitest';
import { designSpace } from '../../main/api/contract.ts';
import { readFormula, type MathNode } from '../../renderer/source/components/math/math-tree.ts';

/** A tree as text, one way for each. */
const written = (node: MathNode): string => {
  if (node.kind === 'row') return node.parts.map(written).join(' ');
  if (node.kind === 'fraction') return `[${written(node.over)}]/[${written(node.under)}]`;
  if (node.kind === 'root') return `√[${written(node.of)}]`;
  if (node.kind === 'above') return `${written(node.base)}^{${written(node.mark)}}`;
  if (node.kind === 'below') return `${written(node.base)}_{${written(node.mark)}}`;
  return 'text' in node ? node.text : '';
};

describe('formulas', () => {
  it.each([
    ['s B A', 's B A'],
    ["s B B' A' A", 's B B ′ A ′ A'],
    ['s (B A - B0 A0)', 's ( B A − B_{0} A_{0} )'],
    ['s diag(b) B', 's diag ( b ) B'],
    ['s = alpha / sqrt(r)', 's = [α]/[√[r]]'],
    ['s = alpha / (r + 1e-5)', 's = [α]/[( r + 10^{− 5} )]'],
    ['V^T S^-1', 'V^{T} S^{− 1}'],
    ["r·r' + r'·r", 'r · r ′ + r ′ · r'],
    ['m (W + s B A) / |W + s B A| - W', '[m ( W + s B A )]/[| W + s B A |] − W'],
  ])('%s', (text, tree) => expect(written(readFormula(text))).toBe(tree));

  it('of every method are read to their end, letter by letter', () => {
    const lettersOf = (text: string): string =>
      text.replaceAll(/alpha/g, 'α').replaceAll(/sqrt|[^A-Za-zα]/g, '');
    for (const { delta, scaling, parameters } of designSpace())
      for (const text of [delta, scaling, parameters])
        expect(lettersOf(written(readFormula(text)))).toBe(lettersOf(text.replaceAll('1e-5', '')));
  });

  it('repeat no sentence', () => {
    const summaries = designSpace().map(({ summary }) => summary);
    expect(new Set(summaries).size).toBe(summaries.length);
  });
});
