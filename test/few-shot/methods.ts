const onBoth = { targetModules: ['q_proj', 'k_proj', 'v_proj'] };

/** What is held against each other: 1,024 trained numbers at every one of the 21 places of the small CLIP, 21,504 each. */
export const methods = {
  LoRA: { method: 'lora', rank: 4, alpha: 4, ...onBoth },
  NoRA: { method: 'nora', outerRank: 64, innerRank: 8, alpha: 8, calibrationBatches: 2, ...onBoth },
} as const;

export type MethodName = keyof typeof methods;
