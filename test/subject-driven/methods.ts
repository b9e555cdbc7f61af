const onAttention = { targetModules: ['to_q', 'to_k', 'to_v', 'to_out.0'] };

/** What is held against each other: 44,800 trained numbers each, on the 56 attention layers of the small pipeline's U-Net. */
export const methods = {
  LoRA: { method: 'lora', rank: 4, alpha: 4, ...onAttention },
  NoRA: { method: 'nora', outerRank: 50, innerRank: 8, alpha: 8, calibrationBatches: 2, ...onAttention },
} as const;

export type MethodName = keyof typeof methods;
export const methodNames = Object.keys(methods) as MethodName[];
