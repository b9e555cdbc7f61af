/** What the parts of a diffusion model are, as diffusers' own files say it. */
export type PartConfig = Readonly<Record<string, unknown>>;

export const diffusionTypes = ['stable-diffusion', 'stable-diffusion-xl'] as const;
export type DiffusionType = (typeof diffusionTypes)[number];

/** The one config of a diffusion model, made of its parts' files or of what its tensors say. */
export interface DiffusionConfig extends Readonly<Record<string, unknown>> {
  readonly model_type: DiffusionType;
  readonly unet: PartConfig;
  readonly text_encoder: PartConfig;
  readonly text_encoder_2?: PartConfig;
  readonly vae: PartConfig;
  readonly scheduler: PartConfig;
  /** Whether SDXL sees zeros where no negative prompt is given, as model_index.json has it; absent where nothing says so. */
  readonly force_zeros_for_empty_prompt?: boolean;
}

/** The parts that hold weights. Their tensors have the part's name before their own. */
export const weightParts = ['unet', 'text_encoder', 'text_encoder_2', 'vae'] as const;
export type WeightPart = (typeof weightParts)[number];

export const isDiffusionConfig = (config: PartConfig): config is DiffusionConfig =>
  (diffusionTypes as readonly unknown[]).includes(config['model_type']);

/** Numbers for each level of a U-Net or VAE: one for all, or a list. */
export const perLevel = (value: unknown, levels: number): number[] =>
  Array.isArray(value) ? (value as number[]) : Array.from({ length: levels }, () => Number(value));

export const levelsOf = ({ block_out_channels: channels }: PartConfig): number =>
  (channels as readonly number[]).length;
