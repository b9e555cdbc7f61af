/** How a model that draws is trained where nobody says otherwise: a picture at a time, since one is as large as many rows, in the model's own size. Pure. */
export const usualDrawing = (drawnSides: { readonly usual: number } | null) => ({
  batchSize: 1,
  ...(drawnSides !== null && { diffusion: { resolution: drawnSides.usual } }),
});
