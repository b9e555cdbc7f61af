/** What an adapter is the sum of: ids, names and weights as JSON; null for all others. */
export const combinedAdapters = /* sql */ `
ALTER TABLE adapters ADD COLUMN parts TEXT;
`;
