/** Lines that are drawn in one frame: a jump shows several dozen new ones, whose cells together would hold the page up. */
const perFrame = 4;

export interface Gradual {
  /** Whether its cells may be drawn; until then there is a mark in its place. */
  has(line: number): boolean;
  /** These are to be drawn, the first ones first. */
  show(lines: readonly number[]): void;
  stop(): void;
}

/** Draws the lines that come into sight a few a frame. */
export const createGradual = (): Gradual => {
  let drawn = $state.raw<ReadonlySet<number>>(new Set());
  let wanted: readonly number[] = [];
  let frame: number | undefined;

  const draw = (): void => {
    frame = undefined;
    const missing = wanted.filter((line) => !drawn.has(line));
    drawn = new Set([...wanted.filter((line) => drawn.has(line)), ...missing.slice(0, perFrame)]);
    if (missing.length > perFrame) frame = requestAnimationFrame(draw);
  };
  return {
    has: (line) => drawn.has(line),
    show(lines) {
      wanted = lines;
      if (frame === undefined) draw();
    },
    stop: () => {
      if (frame !== undefined) cancelAnimationFrame(frame);
    },
  };
};
