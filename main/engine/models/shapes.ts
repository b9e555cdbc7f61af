import shapesFile from './shapes.json' with { type: 'json' };

/**
 * Shapes of published models, each as its config.json: what a benchmark needs of a model without its weights. In JSON, so that
 * the PyTorch script that we are compared with reads the same file.
 */
export const modelShapes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = shapesFile;
