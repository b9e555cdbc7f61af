/** What a run goes on on in place of the device that its settings name, and from which step on, as JSON; null where it is as they say. */
export const runDevice = /* sql */ `
ALTER TABLE runs ADD COLUMN device TEXT;
`;
