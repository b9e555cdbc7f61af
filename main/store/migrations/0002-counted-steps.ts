/** The steps of a run given in epochs or tokens are not known before the trainer has counted them: the column becomes nullable. */
export const countedSteps = /* sql */ `
ALTER TABLE runs ADD COLUMN counted_steps INTEGER;
UPDATE runs SET counted_steps = steps;
ALTER TABLE runs DROP COLUMN steps;
ALTER TABLE runs RENAME COLUMN counted_steps TO steps;
`;
