/** What was found out about a dataset's files when they were imported. */
export const datasetForms = /* sql */ `
ALTER TABLE datasets ADD COLUMN train_separator TEXT;
ALTER TABLE datasets ADD COLUMN validation_separator TEXT;
ALTER TABLE datasets ADD COLUMN form TEXT;
`;
