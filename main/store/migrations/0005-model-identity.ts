/**
 * What a model's files hold, as a JSON list of names, kinds and hashes: of a model in the library, of the model that a run started on, that
 * an adapter was imported for, and that an export was made from. Null where that was before hashes were kept.
 */
export const modelIdentity = /* sql */ `
ALTER TABLE models ADD COLUMN identity TEXT;
ALTER TABLE runs ADD COLUMN model_identity TEXT;
ALTER TABLE adapters ADD COLUMN model_identity TEXT;
ALTER TABLE exports ADD COLUMN model_identity TEXT;
`;
