import type { Matrix } from '../../linear-algebra/matrix.ts';

/** Rows of length 1 (pictures x width). */
export type UnitRows = Matrix<Float64Array>;

const product = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
};

const rowOf = ({ data, columns }: UnitRows, row: number): Float64Array =>
  data.subarray(row * columns, (row + 1) * columns);

const rowsOf = (matrix: UnitRows): Float64Array[] =>
  Array.from({ length: matrix.rows }, (_, row) => rowOf(matrix, row));

/**
 * How like its subject each drawn picture is: the mean of its cosines with all real pictures. Their mean is the average over all pairs, which is
 * DINO of DINO's embeddings and CLIP-I of CLIP's (Ruiz et al., DreamBooth, arXiv 2208.12242, 4.1).
 */
export const subjectFidelity = (drawn: UnitRows, real: UnitRows): number[] => {
  const others = rowsOf(real);
  return rowsOf(drawn).map(
    (row) => others.reduce((sum, other) => sum + product(row, other), 0) / others.length,
  );
};

/** How like its prompt each drawn picture is: their cosine. Its mean is CLIP-T. @param texts a row for each picture */
export const promptFidelity = (drawn: UnitRows, texts: UnitRows): number[] =>
  rowsOf(drawn).map((row, at) => product(row, rowOf(texts, at)));

/**
 * How unlike each other pictures of one prompt are: 1 less the cosine of two, over all pairs of a prompt, then over prompts. The paper's DIV is
 * the same with LPIPS in the cosine's place.
 * @param prompts of each picture; null where nothing says
 * @returns null where no prompt has two pictures
 */
export const diversity = (drawn: UnitRows, prompts: readonly (string | null)[]): number | null => {
  const rows = rowsOf(drawn).flatMap((row, at) => {
    const prompt = prompts[at] ?? null;
    return prompt === null ? [] : [{ row, prompt }];
  });
  const spreads = [...Map.groupBy(rows, ({ prompt }) => prompt).values()].flatMap((group) => {
    const pairs = group.flatMap(({ row }, at) =>
      group.slice(at + 1).map((other) => 1 - product(row, other.row)),
    );
    return pairs.length === 0 ? [] : [pairs.reduce((sum, one) => sum + one, 0) / pairs.length];
  });
  return spreads.length === 0 ? null : spreads.reduce((sum, one) => sum + one, 0) / spreads.length;
};

/** A prompt without the word that stands for the subject, of which a model that measures knows nothing. */
export const withoutWord = (prompt: string, word: string): string => {
  const own = word.replaceAll(/[$()*+./?[\\\]^{|}-]/g, String.raw`\$&`);
  return prompt
    .replaceAll(new RegExp(String.raw`(?<![\p{L}\p{N}])${own}(?![\p{L}\p{N}])`, 'gu'), '')
    .replaceAll(/\s+/g, ' ')
    .trim();
};
