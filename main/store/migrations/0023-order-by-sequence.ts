/** Lists are in the order in which things came into the library, which no clock that is put back can turn round. */
export const orderBySequence = /* sql */ `
DROP INDEX experiments_created;
DROP INDEX comparisons_created;
DROP INDEX adapters_created;
DROP INDEX exports_created;
`;
