/** What a model is trained for. Those in the library from before are classifiers, or predict tokens. */
export const modelObjectives = /* sql */ `
ALTER TABLE models ADD COLUMN objective TEXT NOT NULL DEFAULT 'next-token';
UPDATE models SET objective = 'classification' WHERE classifier IS NOT NULL;
`;
