/** Of models that see text alone. */
export const textObjectiveNames = ['next-token', 'classification'] as const;

/** Of models that compare pictures with texts. */
export const pictureObjectiveNames = ['class-prompts', 'image-captions'] as const;

/** What models are trained for. Everything else about an objective is in `objectives/`. Pure: schemas of a browser take them from here. */
export const objectiveNames = [...textObjectiveNames, ...pictureObjectiveNames] as const;

export type TextObjectiveName = (typeof textObjectiveNames)[number];
export type PictureObjectiveName = (typeof pictureObjectiveNames)[number];
export type ObjectiveName = (typeof objectiveNames)[number];
