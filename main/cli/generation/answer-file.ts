import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { fileError } from '../../engine/formats/file-errors.ts';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';

/**
 * Answers to the rows of a file, on their way to a file of their own. Lines go to `<output>.partial`, under a first line that says what they
 * are answers to; the output itself comes whole, at the end. The same command goes on from a partial file.
 */
export interface AnswerFile {
  /** Rows that an earlier, interrupted command has answered. */
  readonly answered: number;
  readonly add: (lines: readonly unknown[]) => void;
  /** Puts the output in its place. */
  readonly finish: () => void;
}

/**
 * @param purpose what the answers depend on: those of another purpose are not gone on with
 * @throws WorkbenchError `conflict` where there is an output already, or a partial file of something else
 */
export const openAnswerFile = (output: string, purpose: unknown): AnswerFile => {
  if (existsSync(output)) throw new WorkbenchError('conflict', `${output}: there is such a file already`);
  const partial = `${output}.partial`;
  const head = `${JSON.stringify({ answersTo: purpose })}\n`;
  const answered = existsSync(partial) ? countAnswered(partial, head) : begin(partial, head);
  return {
    answered,
    add: (lines) =>
      named(partial, () =>
        appendFileSync(partial, lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
      ),
    finish: () => {
      const text = named(partial, () => readFileSync(partial, 'utf8'));
      writeFileWhole(output, text.slice(head.length));
      rmSync(partial, { force: true });
    },
  };
};

const begin = (partial: string, head: string): number => {
  named(partial, () => writeFileSync(partial, head));
  return 0;
};

const countAnswered = (partial: string, head: string): number => {
  const text = named(partial, () => readFileSync(partial, 'utf8'));
  if (!text.startsWith(head))
    throw invalidInput(
      `${partial}: holds answers to another model, file or settings; remove it to begin anew`,
    );
  // A line that was being written when the power went is not whole.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(partial, Buffer.byteLength(whole));
  return whole.split('\n').length - 2;
};

const named = <Result>(path: string, work: () => Result): Result => {
  try {
    return work();
  } catch (error) {
    throw fileError(error, 'write', path);
  }
};

/** What tells one state of a file from another without reading it. */
export const fileStamp = (path: string): { bytes: number; changed: number } => {
  const { size, mtimeMs } = statSync(path);
  return { bytes: size, changed: mtimeMs };
};
