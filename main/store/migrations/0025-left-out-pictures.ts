/** Pictures that an import left out. Sets from before have none: their imports left none out. */
export const leftOutPictures = /* sql */ `
UPDATE datasets SET format = json_set(format, '$.leftOut', json('[]'))
WHERE json_extract(format, '$.kind') = 'pictures';
`;
