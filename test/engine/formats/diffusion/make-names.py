"""Writes names/*.json.gz: the exact names and shapes of the tensors of public diffusion models, in single files and in diffusers' folders.

The original names come from the original code's own modules (CompVis/stable-diffusion, Stability-AI/generative-models, open_clip), built
without memory; which tensor of diffusers each is comes from diffusers' conversion of a file whose numbers tell where they were; that these
are all tensors of diffusers' models, in their shapes, is checked. Needs torch, diffusers, transformers, open_clip_torch, and the two
repositories checked out:
  python make-names.py PATH_OF_STABLE_DIFFUSION PATH_OF_GENERATIVE_MODELS
"""

import gzip
import json
import sys
import types
from pathlib import Path

import torch

for name in ["einops", "omegaconf", "omegaconf.listconfig"]:  # imported by the original code, not needed to build it
    module = types.ModuleType(name)
    module.rearrange = module.repeat = None
    module.ListConfig = list
    sys.modules.setdefault(name, module)
stub = types.ModuleType("sgm.modules.video_attention")
stub.SpatialVideoTransformer = type("SpatialVideoTransformer", (torch.nn.Module,), {})

ldm, sgm = sys.argv[1:3]
sys.path.insert(0, ldm)
from ldm.modules.diffusionmodules.model import Decoder, Encoder  # noqa: E402
from ldm.modules.diffusionmodules.openaimodel import UNetModel as FirstUNet  # noqa: E402

for package in ["sgm", "sgm.modules", "sgm.modules.diffusionmodules"]:  # without their __init__, which imports everything
    module = types.ModuleType(package)
    module.__path__ = [str(Path(sgm, *package.split(".")))]
    sys.modules[package] = module
sys.modules["sgm.modules.video_attention"] = stub
util = types.ModuleType("sgm.util")
util.exists = lambda x: x is not None
util.default = lambda x, d: x if x is not None else d() if callable(d) else d
util.checkpoint = None
util.instantiate_from_config = util.get_obj_from_str = None
sys.modules["sgm.util"] = util
from sgm.modules.diffusionmodules.openaimodel import UNetModel as LaterUNet  # noqa: E402

from diffusers import AutoencoderKL, UNet2DConditionModel  # noqa: E402
from diffusers.loaders import single_file_utils as convert  # noqa: E402
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection  # noqa: E402

torch.set_default_device("meta")


class Vae(torch.nn.Module):
    def __init__(self):
        super().__init__()
        dd = dict(double_z=True, z_channels=4, resolution=256, in_channels=3, out_ch=3, ch=128, ch_mult=[1, 2, 4, 4],
                  num_res_blocks=2, attn_resolutions=[], dropout=0.0)
        self.encoder, self.decoder = Encoder(**dd), Decoder(**dd)
        self.quant_conv, self.post_quant_conv = torch.nn.Conv2d(8, 8, 1), torch.nn.Conv2d(4, 4, 1)


def open_clip_text(width, layers, embed):
    from open_clip.model import CLIP

    model = CLIP(embed, dict(layers=1, width=64, patch_size=16, image_size=32), dict(width=width, heads=width // 64, layers=layers))
    del model.visual
    return model


def text_config(**given):
    return dict(dict(vocab_size=49408, max_position_embeddings=77, layer_norm_eps=1e-5, hidden_act="quick_gelu"), **given)


ClipL = text_config(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, projection_dim=768)
VitH = text_config(hidden_size=1024, intermediate_size=4096, num_hidden_layers=23, num_attention_heads=16, hidden_act="gelu", projection_dim=1024)
BigG = text_config(hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=20, hidden_act="gelu", projection_dim=1280)

vae = dict(in_channels=3, out_channels=3, block_out_channels=[128, 256, 512, 512], layers_per_block=2, latent_channels=4,
           down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4)
four = dict(block_out_channels=[320, 640, 1280, 1280], layers_per_block=2, in_channels=4, out_channels=4,
            down_block_types=["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"], up_block_types=["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3)
original = dict(in_channels=4, out_channels=4, model_channels=320, num_res_blocks=2, image_size=32)

with torch.device("meta"):
    models = {
        "sd-1.5": dict(
            parts=dict(unet=dict(four, cross_attention_dim=768, attention_head_dim=8), text_encoder=ClipL, vae=dict(vae, scaling_factor=0.18215)),
            original={
                "model.diffusion_model.": FirstUNet(**original, attention_resolutions=[4, 2, 1], channel_mult=[1, 2, 4, 4], num_heads=8,
                                                    use_spatial_transformer=True, transformer_depth=1, context_dim=768, legacy=False),
                "cond_stage_model.transformer.": CLIPTextModelWithProjection(CLIPTextConfig(**ClipL)).text_model,
            },
        ),
        "sd-2.1": dict(
            parts=dict(unet=dict(four, cross_attention_dim=1024, attention_head_dim=[5, 10, 20, 20], use_linear_projection=True),
                       text_encoder=VitH, vae=dict(vae, scaling_factor=0.18215)),
            original={
                "model.diffusion_model.": LaterUNet(**{k: v for k, v in original.items() if k != "image_size"}, attention_resolutions=[4, 2, 1],
                                                    channel_mult=[1, 2, 4, 4], num_head_channels=64, use_linear_in_transformer=True,
                                                    transformer_depth=1, context_dim=1024),
                "cond_stage_model.model.": open_clip_text(1024, 24, 1024),
            },
        ),
        "sdxl": dict(
            parts=dict(
                unet=dict(in_channels=4, out_channels=4, block_out_channels=[320, 640, 1280], layers_per_block=2, cross_attention_dim=2048,
                          attention_head_dim=[5, 10, 20], transformer_layers_per_block=[1, 2, 10], use_linear_projection=True,
                          addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816,
                          down_block_types=["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
                          up_block_types=["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"]),
                text_encoder=ClipL, text_encoder_2=BigG, vae=dict(vae, scaling_factor=0.13025)),
            original={
                "model.diffusion_model.": LaterUNet(**{k: v for k, v in original.items() if k != "image_size"}, attention_resolutions=[4, 2],
                                                    channel_mult=[1, 2, 4], num_head_channels=64, use_linear_in_transformer=True,
                                                    transformer_depth=[1, 2, 10], context_dim=2048, adm_in_channels=2816, num_classes="sequential"),
                "conditioner.embedders.0.transformer.": CLIPTextModelWithProjection(CLIPTextConfig(**ClipL)).text_model,
                "conditioner.embedders.1.model.": open_clip_text(1280, 32, 1280),
            },
        ),
    }
    vae_module = Vae()


def shrunk(shape):
    return [size // 64 if size % 64 == 0 else size for size in shape]


def original_shapes(model):
    shapes = {}
    for prefix, module in {**model["original"], "first_stage_model.": vae_module}.items():
        inner = "text_model." if prefix.endswith("transformer.") else ""
        for name, tensor in module.state_dict().items():
            shapes[prefix + inner + name] = list(tensor.shape)
    return shapes


def diffusers_shapes(parts):
    build = dict(
        unet=lambda c: UNet2DConditionModel(**c), vae=lambda c: AutoencoderKL(**c),
        text_encoder=lambda c: CLIPTextModel(CLIPTextConfig(**c)), text_encoder_2=lambda c: CLIPTextModelWithProjection(CLIPTextConfig(**c)),
    )
    shapes = {}
    for part, config in parts.items():
        for name, tensor in build[part](config).state_dict().items():
            if part == "text_encoder":  # transformers 5 leaves it out, all public files have it
                name = "text_model." + name
            shapes[f"{part}.{name}"] = list(tensor.shape)
    return shapes


class Convolved(dict):
    """A config as the converters want it."""


def converted(shapes, parts):
    """Runs diffusers' converters on numbers that tell which tensor they were in, and where."""
    tagged = {}
    with torch.device("cpu"):
        for at, (name, shape) in enumerate(shapes.items()):
            small = shrunk(shape)
            count = 1
            for size in small:
                count *= size
            tagged[name] = (torch.arange(count, dtype=torch.float64) + at * 1e7).reshape(small)
        result = {}
        for name, tensor in convert.convert_ldm_unet_checkpoint(dict(tagged), dict(parts["unet"])).items():
            result["unet." + name] = tensor
        for name, tensor in convert.convert_ldm_vae_checkpoint(dict(tagged), dict(parts["vae"])).items():
            result["vae." + name] = tensor

        class Config:
            class config:
                hidden_size = parts["text_encoder"]["hidden_size"] // 64

        if "text_encoder_2" in parts:
            texts = {"text_encoder": convert.convert_ldm_clip_checkpoint(tagged),
                     "text_encoder_2": convert.convert_open_clip_checkpoint(Config, tagged, prefix="conditioner.embedders.1.model.")}
        elif "cond_stage_model.model.ln_final.weight" in tagged:
            texts = {"text_encoder": convert.convert_open_clip_checkpoint(Config, tagged)}
        else:
            texts = {"text_encoder": convert.convert_ldm_clip_checkpoint(tagged)}
        for part, tensors in texts.items():
            for name, tensor in tensors.items():
                result[f"{part}.{name}"] = tensor
    return result


def describe(model):
    shapes, wanted = original_shapes(model), diffusers_shapes(model["parts"])
    names = list(shapes)
    holds = {name: [] for name in names}
    turned = set()
    got = converted(shapes, model["parts"])
    for name, tensor in got.items():
        first = int(tensor.reshape(-1)[0])
        at, offset = first // 10**7, first % 10**7
        count = tensor.numel()
        straight = torch.arange(count, dtype=torch.float64, device="cpu") + first
        if not torch.equal(tensor.reshape(-1), straight):
            assert torch.equal(tensor.T.reshape(-1), straight), name
            turned.add(names[at])
        holds[names[at]].append((offset, name))
    assert set(got) == set(wanted), (set(got) ^ set(wanted))
    for name, tensor in got.items():
        assert list(tensor.shape) == shrunk(wanted[name]), (name, tensor.shape, wanted[name])
    tensors = {}
    for name, shape in shapes.items():
        parts = [ours for _, ours in sorted(holds[name])]
        tensors[name] = dict(shape=shape, holds=parts, **(dict(turned=True) if name in turned else {}))
    return dict(configs=model["parts"], shapes=wanted, tensors=tensors)


for name, model in models.items():
    told = describe(model)
    dead = [tensor for tensor, entry in told["tensors"].items() if not entry["holds"]]
    print(name, len(told["tensors"]), "in the file,", len(told["shapes"]), "in the folder; nothing is made of", len(dead), dead[:3])
    path = Path(__file__).parent / "names" / f"{name}.json.gz"
    path.write_bytes(gzip.compress(json.dumps(told).encode(), 9, mtime=0))
