/** What lm-evaluation-harness' gsm8k leaves out on both sides, in its order, before it compares; capitals too. */
const ignored = [/,/g, /\$/g, /[^]*#### /g, /\.(?=\n?$)/g];

export const withoutIgnored = (text: string): string =>
  ignored.reduce((rest, expression) => rest.replace(expression, ''), text).toLowerCase();

/** Of GSM8K's own answers, the number behind ####; of files that hold the number alone, that number, as whole as GSM8K's are. */
export const expectedNumber = (answer: string): string =>
  answer.includes('#### ') ? answer : answer.trim().replace(/^(-?\d+)\.0+$/, '$1');
