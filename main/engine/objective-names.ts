/** What models are trained for. Everything else about an objective is in `objectives/`. Pure: schemas of a browser take them from here. */
export const objectiveNames = ['next-token', 'classification'] as const;

export type ObjectiveName = (typeof objectiveNames)[number];
