/** Of models that see text alone. */
export const textObjectiveNames = ['next-token', 'classification'] as const;

/** Of models that compare pictures with texts, on pictures that have a text each: by their order, or by themselves. */
export const captionObjectiveNames = ['image-captions', 'caption-matches'] as const;

/** Of models that compare pictures with texts. */
export const pictureObjectiveNames = ['class-prompts', ...captionObjectiveNames] as const;

/** Of models that draw pictures from noise. */
export const diffusionObjectiveNames = ['noise'] as const;

/** What models are trained for. Everything else about an objective is in `objectives/`. */
export const trainedObjectiveNames = [
  ...textObjectiveNames,
  ...pictureObjectiveNames,
  ...diffusionObjectiveNames,
] as const;

/** Of models that nothing here trains: they embed pictures and measure others by that (DINO). `objectives/` knows only why they are refused. */
export const instrumentNames = ['picture-embeddings'] as const;

/** What models are for. Pure: schemas of a browser take them from here. */
export const objectiveNames = [...trainedObjectiveNames, ...instrumentNames] as const;

/** Whether a model of the objective can say how like each other pictures are. */
export const measuresPictures = (objective: ObjectiveName): boolean =>
  ([...pictureObjectiveNames, ...instrumentNames] as readonly ObjectiveName[]).includes(objective);

export type TextObjectiveName = (typeof textObjectiveNames)[number];
export type CaptionObjectiveName = (typeof captionObjectiveNames)[number];
export type PictureObjectiveName = (typeof pictureObjectiveNames)[number];
export type DiffusionObjectiveName = (typeof diffusionObjectiveNames)[number];
export type TrainedObjectiveName = (typeof trainedObjectiveNames)[number];
export type ObjectiveName = (typeof objectiveNames)[number];
