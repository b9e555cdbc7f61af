/** Kernels of resampling, by the names that Pillow has for them. Pure: a browser can import this. */
export const filterNames = ['box', 'bilinear', 'hamming', 'bicubic', 'lanczos'] as const;
export type FilterName = (typeof filterNames)[number];
