/** What a person should know of a model's files, a JSON list of sentences. Models from before are looked at when they are used. */
export const modelNotices = /* sql */ `
ALTER TABLE models ADD COLUMN notices TEXT NOT NULL DEFAULT '[]';
`;
