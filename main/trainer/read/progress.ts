/** Told of bytes that were read, of how many. */
export type OnProgress = (done: number, total: number) => void;

export const ignoreProgress: OnProgress = () => undefined;
