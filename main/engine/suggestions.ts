/** Edits from one word to another: letters put in, left out, changed, or two neighbours exchanged (optimal string alignment). */
export const editDistance = (from: string, to: string): number => {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const row: number[] = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = from[i - 1] === to[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    [before, last] = [last, row];
  }
  return last[to.length]!;
};

/** The known names that are nearest to a name; none where all are far from it. */
export const nearest = (name: string, known: Iterable<string>, most = 3): string[] => {
  const word = name.toLowerCase();
  const farthest = Math.max(1, Math.floor(word.length / 3));
  const measured = [...new Set(known)].map((candidate) => ({
    candidate,
    distance: editDistance(word, candidate.toLowerCase()),
  }));
  const least = Math.min(farthest, ...measured.map(({ distance }) => distance));
  return measured
    .filter(({ distance }) => distance === least)
    .slice(0, most)
    .map(({ candidate }) => candidate);
};

/** `q_proj, k_proj and 12 more` */
export const listed = (names: Iterable<string>, most = 20): string => {
  const all = [...new Set(names)];
  return all.length <= most
    ? all.join(', ')
    : `${all.slice(0, most).join(', ')} and ${all.length - most} more`;
};

/** What to write instead of a name that is not known: `; did you mean q_proj?`, and the names that there are. */
export const instead = (name: string, known: Iterable<string>): string => {
  const all = [...known];
  const near = nearest(name, all);
  const hint = near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
  return `${hint} (it has ${listed(all)})`;
};
