import type { DiffusionConfig } from './configuration.ts';

/** What Stability AI's specification (modelspec) calls a model, which files of models and of adapters carry in their metadata. */
export interface ModelSpecification {
  readonly architecture: string;
  readonly prediction: 'epsilon' | 'v';
  /** SD 2.x, whose text encoder is OpenCLIP's. */
  readonly isSecond: boolean;
}

export const specificationOf = ({
  model_type: type,
  text_encoder: text,
  scheduler,
}: DiffusionConfig): ModelSpecification => {
  const isV = scheduler['prediction_type'] === 'v_prediction';
  const isSecond = type === 'stable-diffusion' && text['hidden_act'] === 'gelu';
  const second = isV ? 'stable-diffusion-v2-768-v' : 'stable-diffusion-v2-512';
  const first = type === 'stable-diffusion-xl' ? 'stable-diffusion-xl-v1-base' : 'stable-diffusion-v1';
  return { architecture: isSecond ? second : first, prediction: isV ? 'v' : 'epsilon', isSecond };
};

/** As metadata. @param kind behind the architecture: `/lora` */
export const modelSpecification = (config: DiffusionConfig, kind = ''): Record<string, string> => {
  const { architecture, prediction } = specificationOf(config);
  return {
    'modelspec.sai_model_spec': '1.0.0',
    'modelspec.architecture': `${architecture}${kind}`,
    'modelspec.implementation': 'https://github.com/Stability-AI/generative-models',
    'modelspec.prediction_type': prediction,
  };
};
