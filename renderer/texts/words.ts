import { createHeuristic, defaultHeuristicOpts } from 'wuchale';
import type { HeuristicFunc } from 'wuchale';

/** Attributes that are never read by anybody. */
const unreadAttributes = new Set(['class', 'd', 'id', 'style', 'transform', 'viewBox']);

/** Calls whose words are for the browser: selectors and media queries. */
const browserCalls = ['closest', 'matches', 'matchMedia', 'querySelector', 'querySelectorAll'];

/** Files that hold drawings, keys, names of fonts and colours. */
const withoutWords = [
  'components/icon-paths.ts',
  'commands/keys.ts',
  'format/run-look.ts',
  'zod-without-eval.ts',
];

const usual = createHeuristic(defaultHeuristicOpts);

/** `Enter`, `Mod+K`, `M3 8h10`, `11px Inter`, `rgba(0, 0, 0, 0.4)`, `1e-4, 2e-4`, `adapter.dropout, training.seed` */
const isCode = (text: string): boolean =>
  /^((Enter|Escape|Arrow\w+|Page(Up|Down))$|Mod\+|M-?\d|\d+px |rgba?\(|\(?[\w-]+: ?\w+\)?$|[\d.e, -]+$|\w+\.\w+(, \w+\.\w+)*$)/.test(
    text,
  );

/**
 * What of the window is a text that a person reads: all in the markup, and in scripts and attributes what begins in upper case (the
 * library's own rule) or has a space in it, since a part of a sentence begins in lower case.
 */
export const isText: HeuristicFunc = (message) => {
  const { details, msgStr } = message;
  const text = msgStr.join('\n');
  if (details.attribute !== undefined && unreadAttributes.has(details.attribute)) return false;
  if (details.call !== undefined && browserCalls.some((call) => details.call?.endsWith(call))) return false;
  if (withoutWords.some((file) => details.file.endsWith(file))) return false;
  if (details.scope !== 'markup' && isCode(text)) return false;
  const found = usual(message);
  if (found === 'message') return found;
  const isKept =
    details.element !== undefined && defaultHeuristicOpts.ignoreElements.includes(details.element);
  return !isKept && /\p{L}/u.test(text) && /\s/.test(text) ? 'message' : false;
};
