/** Classes as a person writes them down: one a line, or with commas between them on one line. */
export const wordsIn = (text: string): string[] => {
  const lines = text.trim().split('\n');
  const pieces = lines.length === 1 ? (lines[0] as string).split(',') : lines;
  return [...new Set(pieces.map((piece) => piece.trim()).filter((piece) => piece !== ''))];
};
