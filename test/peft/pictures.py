"""
Loads every folder that pictures.ts made: the base pipeline with kohya's and with diffusers' file on it, the merged folder, the single file by
diffusers' own conversion of it. Prints how far diffusers' prediction is from the workbench's, relative to the largest number.
"""
import json
import sys
import warnings
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDPMScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline, UNet2DConditionModel
from diffusers.loaders import single_file_utils as convert
from diffusers.utils import logging
from safetensors.torch import load_file
from transformers import CLIPTextModel, CLIPTextModelWithProjection
from transformers.utils import logging as transformers_logging

logging.set_verbosity_error()
transformers_logging.disable_progress_bar()
warnings.simplefilter("ignore")
torch.set_num_threads(1)


def parts(folder):
    folder = Path(folder)
    read = lambda kind, name: kind.from_pretrained(folder / name, torch_dtype=torch.float32).eval()
    loaded = dict(unet=read(UNet2DConditionModel, "unet"), vae=read(AutoencoderKL, "vae"), text_encoder=read(CLIPTextModel, "text_encoder"))
    if (folder / "text_encoder_2").exists():
        loaded["text_encoder_2"] = read(CLIPTextModelWithProjection, "text_encoder_2")
    return loaded


def pipeline(loaded):
    common = dict(tokenizer=None, scheduler=DDPMScheduler())
    if "text_encoder_2" in loaded:
        return StableDiffusionXLPipeline(**loaded, **common, tokenizer_2=None)
    return StableDiffusionPipeline(**loaded, **common, safety_checker=None, feature_extractor=None, requires_safety_checker=False)


@torch.no_grad()
def predict(pipe, given):
    latents = torch.tensor(given["latents"]).reshape(1, given["channels"], given["height"], given["width"])
    ids = torch.tensor([given["ids"]])
    second = getattr(pipe, "text_encoder_2", None)
    if second is None:
        states, added = pipe.text_encoder(ids)[0], None
    else:
        first = pipe.text_encoder(ids, output_hidden_states=True)
        pooled = second(ids, output_hidden_states=True)
        states = torch.cat([first.hidden_states[-2], pooled.hidden_states[-2]], -1)
        added = dict(text_embeds=pooled[0], time_ids=torch.tensor([given["numbers"]], dtype=torch.float32))
    return pipe.unet(latents, given["timestep"], states, added_cond_kwargs=added).sample.reshape(-1)


def from_single_file(path, base):
    """The base's own configs, and all weights from the single file, each of which has to be there."""
    tensors, loaded = load_file(path), parts(base)
    unet = convert.convert_ldm_unet_checkpoint(dict(tensors), dict(loaded["unet"].config))
    loaded["unet"].load_state_dict(unet)
    loaded["vae"].load_state_dict(convert.convert_ldm_vae_checkpoint(dict(tensors), dict(loaded["vae"].config)))
    text = convert.convert_ldm_clip_checkpoint(tensors)
    flat = not hasattr(loaded["text_encoder"], "text_model")
    loaded["text_encoder"].load_state_dict({k.removeprefix("text_model.") if flat else k: v for k, v in text.items()})
    return pipeline(loaded)


def with_lora(base, folder):
    pipe = pipeline(parts(base))
    [file] = Path(folder).glob("*.safetensors")
    pipe.load_lora_weights(str(folder), weight_name=file.name)
    return pipe


worst = {}
for place in sorted(Path(sys.argv[1]).iterdir()):
    given = json.loads((place / "given.json").read_text())
    ours, plain = torch.tensor(given["logits"]), torch.tensor(given["plain"])
    largest = ours.abs().max()
    off = lambda other: ((other - ours).abs().max() / largest).item()
    moved = off(plain)
    told = dict(base=off(predict(pipeline(parts(given["base"])), given) - plain + ours))
    for kind in ["diffusers", "kohya"]:
        if (place / kind).exists():
            told[kind] = off(predict(with_lora(given["base"], place / kind), given))
    told["merged"] = off(predict(pipeline(parts(place / "merged")), given))
    for file in (place / "checkpoint").glob("*.safetensors"):
        told["checkpoint"] = off(predict(from_single_file(file, given["base"]), given))
    print(f"{place.name:16} the adapter moves it by {moved:.1e};", ", ".join(f"{kind} {value:.1e}" for kind, value in told.items()), flush=True)
    for kind, value in told.items():
        worst[kind] = max(worst.get(kind, 0), value)
print("worst:", ", ".join(f"{kind} {value:.1e}" for kind, value in worst.items()))
limits = dict(base=1e-5, diffusers=1e-5, merged=1e-5, checkpoint=1e-5, kohya=2e-3)
sys.exit(any(value > limits[kind] for kind, value in worst.items()))
