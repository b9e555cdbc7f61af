/** Logits in memory at a time: about so many numbers, but enough rows to keep a matrix product busy, in whole groups of as many as it takes at a time. */
const logitsAtATime = 2 ** 23;
const rowsAtLeast = 64;
const group = 32;

/** In how many chunks the scored rows of a batch go through the head, and how many rows a full one has. */
export const labelChunks = (labels: number, outputs: number): { count: number; size: number } => {
  const size = Math.max(rowsAtLeast, Math.floor(logitsAtATime / outputs / group) * group);
  return { count: Math.max(1, Math.ceil(labels / size)), size };
};

/**
 * Names of a chunk's inputs, each int64 (extent): rows of the flattened batch, and the token or class that each should predict; and
 * of the outputs with its logits (extent x outputs) and the loss of each row (extent).
 */
export const labelInputs = (
  chunk: number,
): { rows: string; targets: string; extent: string; logits: string; losses: string } => ({
  logits: `logits:${chunk}`,
  losses: `losses:${chunk}`,
  rows: `label_rows:${chunk}`,
  targets: `label_targets:${chunk}`,
  extent: `labels:${chunk}`,
});

/** What the extents of the chunks of a graph for `labels` rows are in a full batch: full, then a rest. */
export const labelExtents = (labels: number, outputs: number): Record<string, number> => {
  const { count, size } = labelChunks(labels, outputs);
  return Object.fromEntries(
    Array.from({ length: count }, (_, chunk) => [
      labelInputs(chunk).extent,
      Math.max(0, Math.min(size, labels - chunk * size)),
    ]),
  );
};
