/** What is known of a classifier's head, JSON. Classifiers in the library from before have heads of their own. */
export const classifiers = /* sql */ `
ALTER TABLE models ADD COLUMN classifier TEXT;
UPDATE models SET classifier = '{"classNames":null,"headModules":["classifier"],"newModules":[]}'
  WHERE architecture IN ('bert', 'roberta');
`;
