/** What a person should know of rows that are trained on all the same: a sentence for each kind. `some` is "3 of 10 rows". */
const sentences = {
  'begins-with-bos': (some: string, bos: string) =>
    `${some} begin with the tokenizer's own ${bos}; it is not put before them a second time`,
  'token-spans-prompt': (some: string) =>
    `in ${some} a token spans the end of the prompt and the beginning of the completion: a model that is given the prompt alone sees other tokens there`,
  'token-spans-turn': (some: string) =>
    `in ${some} a token spans the beginning of an assistant's turn: a model that is to answer sees other tokens there`,
  'no-end': (some: string) =>
    `in ${some} no special token ends the assistant's last turn: the model does not learn where to stop`,
  'quoted-arguments': (some: string) =>
    `in ${some} the arguments of tool calls are JSON text, and the chat template writes that text in quotes; give them as objects`,
  'null-in-tools': (some: string) =>
    `in ${some} tools or tool calls hold null, and the chat template gets it so; leave out the keys that have no value`,
  'weight-of-others': (some: string) =>
    `in ${some} turns of others than the assistant are marked to be learnt; they carry no loss`,
};

export type RowNote = keyof typeof sentences;

/** Counts rows of each kind. */
export interface RowNotices {
  add(notes: Iterable<RowNote>): void;
  /** @param bos the token that the tokenizer puts before a text */
  sentences(rows: number, bos?: string): string[];
}

export const countRowNotices = (): RowNotices => {
  const counts = new Map<RowNote, number>();
  return {
    add: (notes) => {
      for (const note of new Set(notes)) counts.set(note, (counts.get(note) ?? 0) + 1);
    },
    sentences: (rows, bos = '') =>
      [...counts].map(([note, count]) => sentences[note](`${count} of ${rows} rows`, bos)),
  };
};
