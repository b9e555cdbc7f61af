import type { AST } from '@eslint-community/regexpp';
import { parseExpression } from './parse-expression.ts';

/**
 * Whether V8's engine takes time in proportion to the text by what an expression looks like: each alternative is a row of single
 * characters or classes, of which the last alone may be repeated. Nothing behind a repetition can fail, so none is tried again.
 */
export const isSimple = (source: string, isUnicode: boolean): boolean =>
  parseExpression(source, isUnicode).alternatives.every(({ elements }) =>
    elements.every(
      (element, index) =>
        isSingle(element) ||
        (index === elements.length - 1 && element.type === 'Quantifier' && isSingle(element.element)),
    ),
  );

const isSingle = (element: AST.Element): boolean => {
  if (element.type !== 'Group') return ['Character', 'CharacterClass', 'CharacterSet'].includes(element.type);
  const [only, ...others] = element.alternatives.flatMap(({ elements }) => elements);
  return (
    element.modifiers === null &&
    element.alternatives.length === 1 &&
    others.length === 0 &&
    only !== undefined &&
    isSingle(only)
  );
};
