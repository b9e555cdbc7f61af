/** Beside the library in the data directory, and of no use to anybody but its owner: whoever reads one has more than a browser is given. */
export const privateNames = {
  token: 'session-token',
  serving: 'serving.json',
  opening: 'opening',
} as const;
