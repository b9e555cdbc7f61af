import type { Row } from '../../data/files/dataset-file.ts';
import { invalidInput } from '../../errors.ts';
import type { ChoiceItem } from './choice-item.ts';

const ending = /Answer format:\s*(\S+)\s*$/;
const opening = /^Please (?:choose the correct|answer the following)[^]*?(?:question|sentence):\s/;

/** Whether a row is one of the commonsense files of LLM-Adapters: one instruction that holds question, choices and their names. */
export const isOfLlmAdapters = ({ instruction, answer }: Row): boolean =>
  typeof instruction === 'string' &&
  typeof answer === 'string' &&
  opening.test(instruction) &&
  ending.test(instruction);

/** The names that an instruction of LLM-Adapters lists at its end: answer1, answer2, ... Undefined where it lists none. */
export const namesInInstruction = (instruction: string): string[] | undefined =>
  ending.exec(instruction)?.[1]?.split('/');

const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** Each choice stands behind its name with a capital: `Answer1: … Answer2: …`; true and false stand for themselves. */
const splitChoices = (text: string, names: readonly string[], place: string): [string, ...string[]] => {
  if (names.join() === 'true,false') return [text.trim(), ...names];
  const marks: { start: number; end: number }[] = [];
  for (const name of names) {
    const mark = `${capital(name)}:`;
    const start = text.indexOf(mark, marks.at(-1)?.end ?? 0);
    if (start === -1)
      throw invalidInput(`${place}, instruction: has no "${mark}", though it ends with it as an answer`);
    marks.push({ start, end: start + mark.length });
  }
  const parts = marks.map(({ end }, index) => text.slice(end, marks[index + 1]?.start).trim());
  return [text.slice(0, marks[0]!.start).trim(), ...parts];
};

/** A row {instruction, input, output, answer}, as LLM-Adapters 8166572 publishes ARC, OpenBookQA, PIQA, SIQA, WinoGrande, BoolQ. */
export const readLlmAdapters = (row: Row, place: string): ChoiceItem => {
  const [instruction, answer] = [row['instruction'] as string, (row['answer'] as string).trim()];
  const names = namesInInstruction(instruction) as string[];
  const body = instruction.replace(ending, '').replace(opening, '');
  const [question, ...choices] = splitChoices(body, names, place);
  return {
    question,
    passage: '',
    choices,
    labels: names,
    answer: names.indexOf(answer),
    rowFor: (choice) => ({
      ...row,
      answer: names[choice],
      ...(typeof row['output'] === 'string' && { output: withAnswer(row['output'], answer, names[choice]!) }),
    }),
  };
};

/** The sentence names the answer last. */
const withAnswer = (sentence: string, answer: string, other: string): string => {
  const at = sentence.lastIndexOf(answer);
  return at === -1 ? other : `${sentence.slice(0, at)}${other}${sentence.slice(at + answer.length)}`;
};
