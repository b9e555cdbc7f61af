/**
 * How the frozen weights of a base model are held while an adapter trains.
 * - fp32: in the model's own files, computed with in float32 (half-precision files are widened just before each product; for a device
 *   once, into a file).
 * - bf16: every matrix in bfloat16, widened just before each product. On the CPU only.
 * - fp16: the same in float16, for the CPU and for devices whose shaders have 16-bit floats.
 * - int8: every linear layer in 8 bits, a scale per output for the forward product and a second copy with a scale per input for
 *   the backward one; activations and their gradients are rounded to 8 bits row by row. Embedding and head stay as they are;
 *   products by the head are taken in bfloat16 in training, where the addon is and the processor multiplies that.
 * - int4: every linear layer in 4 bits, a scale per 32 weights, widened to float32 just before each product; embedding and head
 *   likewise in 8 bits.
 */
export const baseFormats = ['fp32', 'bf16', 'fp16', 'int8', 'int4'] as const;

export type BaseFormat = (typeof baseFormats)[number];

/** Weights that share one scale in the blockwise formats. */
export const blockSize = 32;
