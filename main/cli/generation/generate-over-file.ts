import { existsSync } from 'node:fs';
import type { BaseFormat, GenerationSettings } from '../../api/contract.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import type { CommandContext, Outcome } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupts.ts';
import { plural } from '../quantities.ts';
import { fileStamp, openAnswerFile } from './answer-file.ts';
import { askModel, type AskedModel } from './ask-model.ts';
import type { PickedArms } from './pick-arms.ts';
import { readPromptRows, type PromptColumns, type PromptRow } from './prompt-rows.ts';

interface Asking extends PickedArms {
  readonly settings: GenerationSettings;
  readonly date: string;
  readonly baseFormat: BaseFormat;
}

interface FileOptions {
  readonly file: string;
  readonly output: string;
  readonly batch: number;
  readonly promptColumn: string | undefined;
  readonly chatColumn: string | undefined;
}

const seeds = 2 ** 32;

/** Answers all rows of a file, a batch at a time. Every row draws by a seed of its own: the first's, plus its place. */
export const generateOverFile = async (
  context: CommandContext,
  { model, arms, settings, date, baseFormat }: Asking,
  { file, output, batch, ...columns }: FileOptions,
): Promise<Outcome> => {
  if (!existsSync(file)) throw new WorkbenchError('not-found', `${file}: no such file`);
  const rows = readPromptRows(file, withoutAbsent(columns));
  const answers = openAnswerFile(output, {
    model: model.contentHash ?? model.id,
    arms: arms.map(({ id }) => id),
    file: fileStamp(file),
    settings,
    date,
    baseFormat,
    columns,
  });
  if (answers.answered > 0)
    context.progress.note(`Going on behind the ${plural(answers.answered, 'row')} that are answered already`);

  let asked: AskedModel | undefined;
  let isStopped = false;
  const handBack = onInterrupt(() => {
    isStopped = true;
    asked?.stop();
  });
  let done = answers.answered;
  try {
    while (done < rows.length && !isStopped) {
      context.progress.show({ label: model.name, phase: 'answering', done, total: rows.length });
      const portion = range(done, Math.min(done + batch, rows.length)).map((index) => ({
        index,
        ...rows.at(index),
      }));
      const questions = portion.flatMap(({ index, prompt }) =>
        arms.map((_, arm) => ({
          arm,
          prompt,
          settings: { ...settings, seed: (settings.seed + index) % seeds },
        })),
      );
      asked = askModel(context, {
        modelId: model.id,
        arms: arms.map(({ id }) => id),
        rows: questions,
        date,
        baseFormat,
        stream: false,
      });
      const answer = await named(asked.answer, portion, file);
      if (answer === null || answer.rows.some(({ finish }) => finish === 'cancelled')) break;
      answers.add(
        portion.map(({ index, prompt, expected }, at) => ({
          row: index,
          prompt: prompt.form === 'text' ? prompt.text : prompt.messages,
          ...(expected !== null && { expected }),
          answers: arms.map(({ name, id }, arm) => ({
            arm: name,
            adapterId: id,
            ...answer.rows[at * arms.length + arm]!,
          })),
        })),
      );
      done += portion.length;
    }
    if (done === rows.length) answers.finish();
  } finally {
    handBack();
  }
  const isDone = done === rows.length;
  return {
    document: { output, rows: rows.length, answered: done, completed: isDone },
    text: isDone
      ? `Answered ${plural(rows.length, 'row')}: ${output}`
      : `Stopped after ${done} of ${plural(rows.length, 'row')}; the same command goes on from there.`,
    exitCode: isDone ? exitCodes.done : exitCodes.interrupted,
  };
};

/** A question's rows count from its own first; a file's from the file's. */
const named = async <Answer>(
  answer: Promise<Answer>,
  portion: readonly (PromptRow & { readonly index: number })[],
  file: string,
): Promise<Answer> => {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    const [first, last] = [portion[0]!.index + 1, portion.at(-1)!.index + 1];
    const which = first === last ? `row ${first}` : `rows ${first} to ${last}`;
    throw new WorkbenchError(error.code, `${file}, ${which}: ${error.message}`);
  }
};

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

const withoutAbsent = ({
  promptColumn,
  chatColumn,
}: Pick<FileOptions, 'promptColumn' | 'chatColumn'>): PromptColumns => ({
  ...(promptColumn !== undefined && { promptColumn }),
  ...(chatColumn !== undefined && { chatColumn }),
});
