import type { Adapter, HeuristicFunc } from 'wuchale';
import { Transformer, adapter } from 'wuchale/adapter-vanilla';

const asIs = (expression: string): string => expression;

/**
 * Reads the texts of scripts. The library's own adapter takes the catalogue at the head of each function, and so knows none of the
 * tables of words that stand outside of all functions; here it is taken where a text stands.
 */
export const scriptAdapter = (
  settings: Pick<Adapter, 'files' | 'storage' | 'bundleLoad'> & { heuristic: HeuristicFunc },
): Adapter => ({
  ...adapter(settings),
  transform: ({ content, filename, index, expr, matchUrl }) => {
    const inPlace = { wrapInit: asIs, wrapUse: () => expr.plain };
    const runtime = { initReactive: () => null, useReactive: false, plain: inPlace, reactive: inPlace };
    return new Transformer(
      content,
      filename,
      index,
      settings.heuristic,
      [],
      expr,
      runtime,
      matchUrl,
    ).transform();
  },
});
