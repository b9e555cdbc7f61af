/** Which of the timesteps that a model was trained on are taken (arXiv 2305.08891, table 2). */
export const spacings = ['leading', 'trailing', 'linspace'] as const;
export type Spacing = (typeof spacings)[number];

/** Halves go to the even number, as numpy's round has it. */
export const roundToEven = (x: number): number => {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
};

interface SpacingOptions {
  readonly spacing: Spacing;
  readonly trainTimesteps: number;
  readonly steps: number;
  readonly offset: number;
  /** The places that `leading` and `linspace` lay out, of which the noisiest are taken: as many as steps, or one more. */
  readonly places: number;
  /** Whether `linspace` gives whole timesteps. */
  readonly whole: boolean;
}

/** The timesteps of a picture, noisiest first, as diffusers' schedulers lay them out. */
export const layOut = (options: SpacingOptions): number[] => {
  const { spacing, trainTimesteps, steps, offset, places, whole } = options;
  const down = (at: (place: number) => number): number[] =>
    Array.from({ length: steps }, (_, step) => at(places - 1 - step));
  switch (spacing) {
    case 'leading': {
      const ratio = Math.floor(trainTimesteps / places);
      return down((place) => place * ratio + offset);
    }
    case 'trailing': {
      const ratio = trainTimesteps / steps;
      return Array.from({ length: steps }, (_, step) => roundToEven(trainTimesteps - step * ratio) - 1);
    }
    case 'linspace': {
      const ratio = (trainTimesteps - 1) / Math.max(1, places - 1);
      return down((place) => (whole ? roundToEven(place * ratio) : Math.fround(place * ratio)));
    }
  }
};
