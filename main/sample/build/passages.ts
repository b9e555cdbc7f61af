const abbreviations = /\b(?:Mr|Mrs|Dr|St|Capt|Esq|No|Nos|vol|i\.e|e\.g|viz|[A-Z])\.\s+$/;

/** Sentences with the white space behind them: joined they are the text again. */
export const splitSentences = (text: string): string[] => {
  const sentences: string[] = [];
  for (const piece of text.split(/(?<=[.!?]["')]*\s+)(?=\S)/)) {
    const previous = sentences.at(-1);
    if (previous !== undefined && abbreviations.test(previous))
      sentences[sentences.length - 1] = previous + piece;
    else sentences.push(piece);
  }
  return sentences;
};

/**
 * Cuts a text between sentences into passages of about equal length.
 * @param targetTokens about how long a passage is to be; a long sentence is not cut
 */
export const splitPassages = (
  text: string,
  targetTokens: number,
  countTokens: (text: string) => number,
): string[] => {
  const sentences = splitSentences(text).map((sentence) => ({ sentence, tokens: countTokens(sentence) }));
  const total = sentences.reduce((sum, { tokens }) => sum + tokens, 0);
  const passages = Array<string>(Math.max(1, Math.round(total / targetTokens))).fill('');
  let before = 0;
  for (const { sentence, tokens } of sentences) {
    const middle = (before + tokens / 2) / total;
    passages[Math.floor(middle * passages.length)] += sentence;
    before += tokens;
  }
  return passages.map((passage) => passage.trim()).filter((passage) => passage !== '');
};
