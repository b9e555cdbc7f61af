/** Sizes of pictures that a model draws, as JSON. Models from before are described again when the library is opened. */
export const drawnSides = /* sql */ `
ALTER TABLE models ADD COLUMN drawn_sides TEXT;
`;
