"""
Draws with diffusers' pipelines on the tiny models of fixtures/{sd15,sd21,sdxl} (test/engine/drawing/diffusers.test.ts compares):
python make-drawing-reference.py fixtures ../engine/drawing/fixtures/diffusers.json
The noise is the engine's own (main/engine/diffusion/gaussian.ts), computed here by another implementation: Philox4x32-10 and Box-Muller.
A letter is a token, a is 1; a text stands between 58 and 59, and 59 fills it up.
"""
import base64
import json
import sys
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import (
    AutoencoderKL, DDIMScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import load_file
from transformers import CLIPTextModel, CLIPTextModelWithProjection

fixtures, target = Path(sys.argv[1]), Path(sys.argv[2])
torch.set_num_threads(1)
positions, steps, seed, height, width, guidance = 12, 20, 7, 16, 24, 4.5
prompt, negative = "acat", "dog"
samplers = {"ddim": DDIMScheduler, "euler": EulerDiscreteScheduler, "dpm-solver++": DPMSolverMultistepScheduler}


def philox(counter, key):
    a, b, c, d = counter
    first, second = key
    for _ in range(10):
        one, two = a * 0xD2511F53, c * 0xCD9E8D57
        a, b, c, d = (two >> 32) ^ b ^ first, two & 0xFFFFFFFF, (one >> 32) ^ d ^ second, one & 0xFFFFFFFF
        first, second = (first + 0x9E3779B9) & 0xFFFFFFFF, (second + 0xBB67AE85) & 0xFFFFFFFF
    return a, b, c, d


def gaussian(length, stream=0):
    values = []
    for at in range(0, length, 4):
        words = philox((at // 4, 0, stream, 0), (seed, 0))
        for radius, angle in (words[:2], words[2:]):
            radius, angle = np.sqrt(-2 * np.log((radius + 1) / 2**32)), 2 * np.pi * angle / 2**32
            values += [radius * np.cos(angle), radius * np.sin(angle)]
    return torch.tensor(np.array(values[:length], dtype=np.float32))


def packed(values, kind=np.float32):
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode()


def ids(text):
    row = [58, *(ord(letter) - 96 for letter in text), 59]
    return torch.tensor([row + [59] * (positions - len(row))])


def merge(unet, folder):
    """Adds a LoRA of PEFT's to the weights that it is on."""
    settings = json.loads((folder / "adapter_config.json").read_text())
    tensors = load_file(folder / "adapter_model.safetensors")
    modules = dict(unet.named_modules())
    for name, right in tensors.items():
        if not name.endswith(".lora_A.weight"):
            continue
        left = tensors[name.replace(".lora_A.", ".lora_B.")]
        module = modules[name.removeprefix("base_model.model.unet.").removesuffix(".lora_A.weight")]
        module.weight.data += settings["lora_alpha"] / settings["r"] * left @ right


def draw(kind, name, scale, negative, adapter=None):
    folder = fixtures / kind / "model"
    read = lambda part, which: part.from_pretrained(folder / which, torch_dtype=torch.float32).eval()
    parts = dict(
        vae=read(AutoencoderKL, "vae"), unet=read(UNet2DConditionModel, "unet"), scheduler=samplers[name].from_pretrained(folder / "scheduler"),
        tokenizer=None,
    )
    if adapter is not None:
        merge(parts["unet"], fixtures / kind / adapter / "init")
    first = read(CLIPTextModel, "text_encoder")
    texts = [prompt] if negative is None else [prompt, negative]
    given = {}
    with torch.no_grad():
        if kind == "sdxl":
            second = read(CLIPTextModelWithProjection, "text_encoder_2")
            for before, text in zip(["", "negative_"], texts):
                both = [encoder(ids(text), output_hidden_states=True) for encoder in (first, second)]
                given[f"{before}prompt_embeds"] = torch.cat([one.hidden_states[-2] for one in both], -1)
                given[f"{before}pooled_prompt_embeds"] = both[1].text_embeds
            if negative is None:
                given |= {f"negative_{name}": torch.zeros_like(value) for name, value in list(given.items())}
            pipeline = StableDiffusionXLPipeline(text_encoder=first, text_encoder_2=second, tokenizer_2=None, add_watermarker=False, **parts)
        else:
            for before, text in zip(["", "negative_"], texts):
                given[f"{before}prompt_embeds"] = first(ids(text)).last_hidden_state
            pipeline = StableDiffusionPipeline(text_encoder=first, safety_checker=None, feature_extractor=None, requires_safety_checker=False, **parts)
        pipeline.set_progress_bar_config(disable=True)
        shape = (1, 4, height // pipeline.vae_scale_factor, width // pipeline.vae_scale_factor)
        options = dict(
            latents=gaussian(int(np.prod(shape))).reshape(shape), height=height, width=width, num_inference_steps=steps,
            guidance_scale=scale, **given,
        )
        latents = pipeline(output_type="latent", **options).images
        picture = pipeline(output_type="pil", **options).images[0]
    return dict(
        model=kind, adapter=adapter, sampler=name, guidance=scale, negative=negative, latents=packed(latents), picture=packed(np.array(picture), np.uint8),
    )


cases = [draw(kind, name, guidance, negative) for kind in ("sd15", "sd21", "sdxl") for name in samplers]
cases += [draw("sd15", "ddim", 1.0, negative), draw("sdxl", "ddim", guidance, None)]
cases += [draw("sd15", "dpm-solver++", guidance, negative, "lora")]
about = dict(diffusers=diffusers.__version__, prompt=prompt, seed=seed, steps=steps, height=height, width=width)
target.write_text(json.dumps({**about, "noise": packed(gaussian(64)), "cases": cases}) + "\n")
