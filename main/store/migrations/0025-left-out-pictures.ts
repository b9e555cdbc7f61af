/** Pictures that an import left out, and captions. Sets from before have neither: their imports left none out, and refused captions. */
export const leftOutPictures = /* sql */ `
UPDATE datasets SET format = json_set(format, '$.leftOut', json('[]'), '$.longestCaptions', json('[]'))
WHERE json_extract(format, '$.kind') = 'pictures';
`;
