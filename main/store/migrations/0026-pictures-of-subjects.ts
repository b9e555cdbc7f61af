/** Pictures of a subject, to train drawing models on. Sets from before are of classes, or have captions. */
export const picturesOfSubjects = /* sql */ `
UPDATE datasets SET format = json_set(format, '$.subject', json('null'))
WHERE json_extract(format, '$.kind') = 'pictures';
`;
