/** Of models that see text alone. */
export const textObjectiveNames = ['next-token', 'classification'] as const;

/** Of models that compare pictures with texts, on pictures that have a text each: by their order, or by themselves. */
export const captionObjectiveNames = ['image-captions', 'caption-matches'] as const;

/** Of models that compare pictures with texts. */
export const pictureObjectiveNames = ['class-prompts', ...captionObjectiveNames] as const;

/** Of models that draw pictures from noise. */
export const diffusionObjectiveNames = ['noise'] as const;

/** What models are trained for. Everything else about an objective is in `objectives/`. Pure: schemas of a browser take them from here. */
export const objectiveNames = [
  ...textObjectiveNames,
  ...pictureObjectiveNames,
  ...diffusionObjectiveNames,
] as const;

export type TextObjectiveName = (typeof textObjectiveNames)[number];
export type CaptionObjectiveName = (typeof captionObjectiveNames)[number];
export type PictureObjectiveName = (typeof pictureObjectiveNames)[number];
export type DiffusionObjectiveName = (typeof diffusionObjectiveNames)[number];
export type ObjectiveName = (typeof objectiveNames)[number];
