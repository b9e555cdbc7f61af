import { boundedExpression, type Expression } from '../../regular-expressions/bounded-expression.ts';
import { isSimple } from '../../regular-expressions/is-simple.ts';
import { translateOniguruma } from './oniguruma.ts';
import { publishedExpressions } from './published-expressions.ts';

/**
 * What finds the matches of an expression of a tokenizer.json. Anybody can write one, and some take V8's engine longer than the world
 * stands: those that are neither published nor simple are matched in bounded time, to the same matches.
 * @throws WorkbenchError for what is not translated or can't be bounded
 */
export const expressionOf = (pattern: string): Expression => {
  const translated = translateOniguruma(pattern);
  return publishedExpressions.has(pattern) || isSimple(translated.source, true)
    ? translated
    : boundedExpression(translated.source, true);
};
