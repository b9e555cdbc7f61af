"""
Walks diffusers' schedulers from one noise over a made-up denoiser (test/engine/diffusion/samplers.test.ts compares):
python make-sampler-reference.py ../engine/diffusion/fixtures/samplers.json
The denoiser is tanh(0.7 x + 0.1 * place) * cos(t / 400); place counts the latents from -1 to 1. Floats are base64 of float32.
"""
import base64
import itertools
import json
import sys

import diffusers
import numpy as np
import torch

count = 24
generator = np.random.default_rng(7)
noise = generator.standard_normal(count).astype(np.float32)
added = generator.standard_normal((20, count)).astype(np.float32)
places = torch.linspace(-1, 1, count)
base = {"num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


def packed(values):
    return base64.b64encode(np.asarray(values, dtype=np.float32).tobytes()).decode()


def denoise(x, t):
    return torch.tanh(0.7 * x + 0.1 * places) * torch.cos(torch.as_tensor(t, dtype=torch.float32) / 400)


def walk(name, config, steps):
    scheduler = getattr(diffusers, name)(**config)
    scheduler.set_timesteps(steps)
    x = torch.from_numpy(noise) * scheduler.init_noise_sigma
    if "Ancestral" in name:
        drawn = iter(added)
        sys.modules[type(scheduler).__module__].randn_tensor = lambda *_, **__: torch.from_numpy(next(drawn))
    for t in scheduler.timesteps:
        predicted = denoise(scheduler.scale_model_input(x, t), t)
        x = scheduler.step(predicted, t, x).prev_sample
    return {"timesteps": packed(scheduler.timesteps), "latents": packed(x)}


def alphas(**config):
    return {"config": config, "alphas": packed(diffusers.DDPMScheduler(**config).alphas_cumprod)}


names = {
    "ddim": "DDIMScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler-ancestral": "EulerAncestralDiscreteScheduler",
    "dpm-solver++": "DPMSolverMultistepScheduler",
    "pndm": "PNDMScheduler",
}
cases = []
for (sampler, name), spacing, prediction, steps in itertools.product(
    names.items(), ["leading", "trailing", "linspace"], ["epsilon", "v_prediction"], [20, 7]
):
    variants = [{}]
    if sampler == "ddim":
        variants += [{"set_alpha_to_one": False}, {"clip_sample": True, "clip_sample_range": 1.5}]
    if sampler in ("euler", "dpm-solver++"):
        variants += [{"use_karras_sigmas": True}, {"final_sigmas_type": "sigma_min"}]
    if sampler == "pndm":
        variants = [{"skip_prk_steps": True}, {"skip_prk_steps": True, "set_alpha_to_one": True}]
    elif prediction == "v_prediction":
        variants += [{"rescale_betas_zero_snr": True}]
    for variant in variants:
        config = {**base, "steps_offset": 1, "timestep_spacing": spacing, "prediction_type": prediction, **variant}
        if sampler == "ddim":
            config = {"clip_sample": False, **config}
        cases.append({"sampler": sampler, "steps": steps, "config": {"_class_name": name, **config}, **walk(name, config, steps)})

x, n, t = torch.from_numpy(added[0]).reshape(3, 8), torch.from_numpy(added[1]).reshape(3, 8), torch.tensor([3, 500, 999])
plain = diffusers.DDPMScheduler(**base)
snr = diffusers.training_utils.compute_snr(plain, t)
training = {
    "timesteps": t.tolist(),
    "noisy": packed(plain.add_noise(x, n, t)),
    "velocity": packed(plain.get_velocity(x, n, t)),
    "snr": packed(snr),
    "weights": {
        "epsilon": packed(torch.stack([snr, 5 * torch.ones_like(snr)], 1).min(1)[0] / snr),
        "v": packed(torch.stack([snr, 5 * torch.ones_like(snr)], 1).min(1)[0] / (snr + 1)),
    },
}
schedules = [
    alphas(**base),
    alphas(**base, rescale_betas_zero_snr=True),
    alphas(num_train_timesteps=300, beta_start=0.0001, beta_end=0.02, beta_schedule="linear"),
]
with open(sys.argv[1], "w") as file:
    json.dump(
        {"diffusers": diffusers.__version__, "noise": packed(noise), "added": packed(added), "training": training, "schedules": schedules, "cases": cases},
        file,
    )
    file.write("\n")
