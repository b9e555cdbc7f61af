import { invalidInput } from '../../errors.ts';
import { readLabel, someOf, type Classes } from './class-labels.ts';
import type { Dataset } from '../files/dataset-file.ts';
import { fillTemplate, type ClassificationFormat } from '../files/dataset-format.ts';
import type { Example, Examples } from './examples.ts';
import { countRowNotices } from '../tokens/row-notices.ts';
import { columnText } from '../tokens/row-text.ts';
import { lengthsWithin, readTextFrame } from '../tokens/text-frame.ts';
import type { Tokenizer } from '../tokens/tokenizer.ts';

export interface ClassExampleOptions {
  readonly dataset: Dataset;
  readonly format: ClassificationFormat;
  readonly tokenizer: Tokenizer;
  readonly classes: Classes;
  /** In tokens; longer texts lose their end, what stands around them stays. */
  readonly maxLength: number;
}

const placeOf = (dataset: Dataset, row: number): string => `${dataset.name}, line ${dataset.lineOf(row)}`;

/** The label of each row. @throws WorkbenchError naming file, line and column */
export const readLabels = (dataset: Dataset, { label }: ClassificationFormat): string[] =>
  Array.from(dataset.rows, (row, index) => readLabel(row[label], `${placeOf(dataset, index)}, ${label}`));

/** The class of a label. @throws WorkbenchError for a label that is none */
const classOf = ({ idOf, names }: Classes, label: string, place: string): number => {
  const id = idOf.get(label);
  if (id === undefined)
    throw invalidInput(`${place}: the label "${label}" is none of the classes (${someOf(names)})`);
  return id;
};

/** @throws WorkbenchError naming the row of held-out data whose label no class goes by */
export const checkLabels = (dataset: Dataset, format: ClassificationFormat, classes: Classes): void => {
  for (const [index, label] of readLabels(dataset, format).entries())
    classOf(classes, label, placeOf(dataset, index));
};

/**
 * Tokenizes texts that have a class each. The whole row is scored at its first token, so no single token is a target.
 * @throws WorkbenchError naming the row's line, for a label that is no class and for a row without tokens
 */
export const buildClassExamples = ({
  dataset,
  format,
  tokenizer,
  classes,
  maxLength,
}: ClassExampleOptions): Examples => {
  const { pair: pairTemplate } = format;
  const frame = readTextFrame(tokenizer, pairTemplate !== undefined);
  const room = maxLength - frame.length;
  if (room < 1)
    throw invalidInput(
      `sequence length: ${maxLength} leaves no room for a text: the tokenizer puts ${frame.length} tokens around it`,
    );
  const labels = readLabels(dataset, format);
  const [opening] = frame.around([], pairTemplate === undefined ? null : []).ids;
  const noticed = countRowNotices();
  let truncated = 0;
  const examples = Array.from(dataset.rows, (row, sourceRow): Example => {
    const place = placeOf(dataset, sourceRow);
    const encode = (template: string): number[] => {
      const text = fillTemplate(template, (column) => columnText(row, column, place));
      return tokenizer.encode(text, { addSpecialTokens: false });
    };
    const label = classOf(classes, labels[sourceRow]!, place);
    const given = encode(format.text);
    const bringsOpening = opening !== undefined && given[0] === opening && tokenizer.isSpecial(opening);
    if (bringsOpening) noticed.add(['begins-with-bos']);
    const text = bringsOpening ? given.slice(1) : given;
    const pair = pairTemplate === undefined ? null : encode(pairTemplate);
    const length = text.length + (pair?.length ?? 0);
    if (length === 0) throw invalidInput(`${place}: the text is empty`);
    if (length > room) truncated += 1;
    const [ofText, ofPair] = lengthsWithin(text.length, pair?.length ?? 0, room);
    const { ids, types } = frame.around(text.slice(0, ofText), pair && pair.slice(0, ofPair));
    const inputIds = Int32Array.from(ids);
    const targets = new Uint8Array(ids.length);
    return { inputIds, targets, types: Uint8Array.from(types), label, sourceRow };
  });
  const tokens = examples.reduce((sum, { inputIds }) => sum + inputIds.length, 0);
  const rows = examples.length;
  const report = { rows, kept: rows, truncated, withoutTargets: 0, tokens, targetTokens: rows };
  const notices = noticed.sentences(rows, opening === undefined ? '' : tokenizer.tokenText(opening));
  return { examples, report, notices };
};
