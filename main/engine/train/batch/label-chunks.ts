import type { ModelArchitecture } from '../../models/architecture.ts';

/** Logits in memory at a time: about so many numbers, but enough rows to keep a matrix product busy. */
const logitsAtATime = 2 ** 22;
const rowsAtLeast = 64;

/** In how many chunks the labelled rows of a batch go through the head, and how many rows a full one has. */
export const labelChunks = (labels: number, vocabularySize: number): { count: number; size: number } => {
  const size = Math.max(rowsAtLeast, Math.floor(logitsAtATime / vocabularySize));
  return { count: Math.max(1, Math.ceil(labels / size)), size };
};

/** Labelled rows of a batch at most: every token, or one for each example where whole rows are scored. */
export const labelsAtMost = (
  { task }: Pick<ModelArchitecture, 'task'>,
  { batchSize, sequenceLength }: { readonly batchSize: number; readonly sequenceLength: number },
): number => (task === 'sequence-classification' ? batchSize : batchSize * sequenceLength);

/**
 * Names of a chunk's inputs, each int64 (extent): rows of the flattened batch, and the token or class that each should predict; and
 * of the output with a classifier's logits (extent x classes).
 */
export const labelInputs = (
  chunk: number,
): { rows: string; targets: string; extent: string; logits: string } => ({
  logits: `logits:${chunk}`,
  rows: `label_rows:${chunk}`,
  targets: `label_targets:${chunk}`,
  extent: `labels:${chunk}`,
});

/** What the extents of the chunks of a graph for `atMost` labels are in a batch: full, then a rest, then empty. */
export const labelExtents = (
  labels: number,
  atMost: number,
  vocabularySize: number,
): Record<string, number> => {
  const { count, size } = labelChunks(atMost, vocabularySize);
  return Object.fromEntries(
    Array.from({ length: count }, (_, chunk) => [
      labelInputs(chunk).extent,
      Math.max(0, Math.min(size, labels - chunk * size)),
    ]),
  );
};
