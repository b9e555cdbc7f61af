"""
Makes reference runs for a tiny random Stable Diffusion, in the form of the other fixtures, with diffusers, transformers and PEFT:
python make-diffusion-reference.py sd15 fixtures/sd15
python make-diffusion-reference.py sd21 fixtures/sd21
python make-diffusion-reference.py sdxl fixtures/sdxl
sd15 predicts the noise and has convolutions around its transformers, sd21 predicts v and has linear layers there, sdxl has two text encoders and its
added conditioning. Methods by the part that is adapted: `lora`, `nora` on attention and feed-forward of the U-Net with the texts' states
given, `*_convolutions` on the convolutions as well, `*_texts` on the text encoders too, which are then in the graph.
A batch is latents, noise and timesteps; its files hold what follows from them (noisy latents, targets, states of the texts) as diffusers has it.
Gradients are those of the second step, of every trained tensor. `vae.safetensors` has pixels, the moments of their latents, and latents as pixels.
"""
import json
import sys
from pathlib import Path

import diffusers
import peft
import torch
import transformers
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

import nora

kind, folder = sys.argv[1], Path(sys.argv[2])
torch.set_num_threads(1)
torch.manual_seed(8)
steps, second_step, images, positions = 20, 1, 2, 12
# Of AdamW. With 1e-8 a first step is the gradient's sign, and where the gradient is rounding alone, so is the sign.
epsilon = 1e-6
is_xl = kind == "sdxl"
attends = ("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D")
shapes = {
    "sd15": dict(
        block_out_channels=(8, 16, 16), attention_head_dim=2, cross_attention_dim=24,
        down_block_types=attends, up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
    ),
    "sd21": dict(
        block_out_channels=(8, 16), attention_head_dim=(2, 4), cross_attention_dim=24, use_linear_projection=True,
        down_block_types=attends[1:], up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), layers_per_block=2,
    ),
    "sdxl": dict(
        block_out_channels=(8, 16, 16), attention_head_dim=(1, 2, 4), cross_attention_dim=24 + 32, use_linear_projection=True,
        down_block_types=attends[::-1], up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 1, 2), addition_embed_type="text_time", addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 20,
    ),
}
unet_config = dict(sample_size=8, layers_per_block=1, norm_num_groups=4) | shapes[kind]
prediction = "v_prediction" if kind == "sd21" else "epsilon"


def text_config(**sizes):
    return CLIPTextConfig(**dict(
        hidden_size=24, intermediate_size=48, num_attention_heads=3, num_hidden_layers=3, vocab_size=60, max_position_embeddings=positions,
        bos_token_id=58, eos_token_id=59, pad_token_id=59, projection_dim=20,
        hidden_act="gelu" if kind == "sd21" else "quick_gelu",
    ) | sizes)


class Wrapped(torch.nn.Module):
    """A text encoder under the name that its files had before transformers 5."""

    def __init__(self, text_model):
        super().__init__()
        self.text_model = text_model

    def forward(self, *args, **options):
        return self.text_model(*args, **options)


class Pipeline(torch.nn.Module):
    """Noisy latents to what the model predicts, with the parts by their folders' names."""

    def __init__(self):
        super().__init__()
        part = lambda read, name: read.from_pretrained(folder / "model" / name, torch_dtype=torch.float32).eval()
        self.unet = part(UNet2DConditionModel, "unet")
        self.text_encoder = Wrapped(part(CLIPTextModel, "text_encoder"))
        if is_xl:
            self.text_encoder_2 = part(CLIPTextModelWithProjection, "text_encoder_2")

    def texts(self, batch, skip=0):
        ids = torch.tensor(batch["input_ids"])
        first = self.text_encoder(ids, output_hidden_states=True)
        if not is_xl:
            if skip == 0:
                return first.last_hidden_state, None
            return self.text_encoder.text_model.final_layer_norm(first.hidden_states[-1 - skip]), None
        second = self.text_encoder_2(torch.tensor(batch["input_ids_2"]), output_hidden_states=True)
        return torch.cat([one.hidden_states[-2 - skip] for one in (first, second)], -1), second.text_embeds

    def forward(self, batch, whole=True):
        states, pooled = self.texts(batch) if whole else (batch["text_states"], batch["pooled"])
        added = {"text_embeds": pooled, "time_ids": torch.tensor(batch["time_ids"])} if is_xl else None
        timesteps = torch.tensor(batch["timesteps"])
        return self.unet(batch["noisy"], timesteps, states, added_cond_kwargs=added).sample


def disturb(module):
    """Biases start at zero and norms at one, where a mistake would not show."""
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.ndim == 1:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    return module.eval()


vae_config = dict(
    block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, sample_size=16, scaling_factor=0.13025 if is_xl else 0.18215,
    down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
)
vae = disturb(AutoencoderKL(**vae_config))
scheduler = DDPMScheduler(
    num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type=prediction,
    clip_sample=False, steps_offset=1,
)
parts = {
    "unet": disturb(UNet2DConditionModel(**unet_config)),
    "vae": vae,
    "text_encoder": disturb(CLIPTextModel(text_config())),
    "scheduler": scheduler,
}
if is_xl:
    second = text_config(
        hidden_size=32, intermediate_size=64, num_attention_heads=4, hidden_act="gelu", pad_token_id=0, eos_token_id=2, bos_token_id=0,
    )
    parts["text_encoder_2"] = disturb(CLIPTextModelWithProjection(second))
for name, part in parts.items():
    part.save_pretrained(folder / "model" / name)
classes = {name: ["diffusers" if hasattr(part, "_class_name") or "diffusers" in type(part).__module__ else "transformers", type(part).__name__]
           for name, part in parts.items()}
pipeline_class = "StableDiffusionXLPipeline" if is_xl else "StableDiffusionPipeline"
(folder / "model" / "model_index.json").write_text(json.dumps({"_class_name": pipeline_class, "_diffusers_version": diffusers.__version__} | classes, indent=1))


def texts(lengths, padding):
    rows = [[58, *torch.randint(2, 58, (length - 2,)).tolist(), 59] for length in lengths]
    return [row + [padding] * (positions - len(row)) for row in rows]


batches, tensors = [], {}
base = Pipeline()
for index in range(4):
    size = (8, 12) if index % 2 == 0 else (12, 8)
    ids = texts([4 + index, 9 - index], 59)
    batch = {"timesteps": torch.randint(0, 1000, (images,)).tolist(), "input_ids": ids}
    if is_xl:
        batch["input_ids_2"] = [[0 if place > row.index(59) else one for place, one in enumerate(row)] for row in ids]
        batch["time_ids"] = [[96.0, 64.0, 3.0, 5.0, 64.0, 96.0], [64.0, 64.0, 0.0, 0.0, 64.0, 96.0]]
    batches.append(batch)
(folder / "batches.json").write_text(json.dumps(batches))
for index, batch in enumerate(batches):
    size = (8, 12) if index % 2 == 0 else (12, 8)
    clean, noise = torch.randn(images, 4, *size), torch.randn(images, 4, *size)
    timesteps = torch.tensor(batch["timesteps"])
    batch["noisy"] = scheduler.add_noise(clean, noise, timesteps)
    batch["target"] = noise if prediction == "epsilon" else scheduler.get_velocity(clean, noise, timesteps)
    with torch.no_grad():
        batch["text_states"], batch["pooled"] = base.texts(batch)
        skipped, _ = base.texts(batch, skip=1)
    kept = {"clean": clean, "noise": noise, "noisy": batch["noisy"], "target": batch["target"], "text_states": batch["text_states"],
            "text_states_skipped": skipped, "times": base.unet.time_proj(timesteps).float()}
    if is_xl:
        ids = torch.tensor(batch["time_ids"])
        kept |= {"pooled": batch["pooled"], "time_features": base.unet.add_time_proj(ids.flatten()).reshape(images, -1)}
    tensors |= {f"{name}.{index}": tensor.clone().contiguous() for name, tensor in kept.items()}
save_file(tensors, folder / "batches.safetensors")
with torch.no_grad():
    pixels, latents = torch.randn(images, 3, 8, 12), torch.randn(images, 4, 4, 6)
    moments = vae.encode(pixels).latent_dist
    save_file({
        "pixels": pixels, "latents": latents, "decoded": vae.decode(latents).sample.contiguous(),
        "moments": torch.cat([moments.mean, moments.logvar], 1).contiguous(),
    }, folder / "vae.safetensors")

attention = ["to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2"]
convolutions = ["conv_in", "conv1", "conv2", "conv_shortcut", "downsamplers.0.conv", "upsamplers.0.conv", "proj_in", "proj_out", "time_emb_proj"]
of_texts = ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]
targets_of = {"": attention, "_convolutions": attention + convolutions, "_texts": attention + of_texts}


def loss_of(model, index, whole):
    output = model(batches[index], whole=whole)
    return torch.nn.functional.mse_loss(output, batches[index]["target"]), output


with torch.no_grad():
    loss, output = loss_of(base, 0, False)
save_file({"logits": output.contiguous()}, folder / "logits.safetensors")
gradients = {}


def train(adapted, method, whole):
    trained = {name: p for name, p in adapted.named_parameters() if p.requires_grad}
    optimizer = torch.optim.AdamW(trained.values(), lr=4e-3, eps=epsilon, weight_decay=0.01)
    losses, norms = [], []
    for index in range(steps):
        optimizer.zero_grad()
        loss, _ = loss_of(adapted, index % len(batches), whole)
        loss.backward()
        losses.append(loss.item())
        norms.append(torch.nn.utils.clip_grad_norm_(trained.values(), 1.0).item())
        if index == second_step:
            for name, parameter in trained.items():
                # The last layer of an encoder whose second to last state is taken has none.
                if parameter.grad is not None:
                    gradients[f"{method}/{name.replace('.default', '')}"] = parameter.grad.clone().contiguous()
        optimizer.step()
    with torch.no_grad():
        save_file({"logits": loss_of(adapted, 0, whole)[1].contiguous()}, folder / method / "final_logits.safetensors")
    return {"losses": losses, "grad_norms": norms, "trainable": sum(p.numel() for p in trained.values())}


def train_lora(method, where, **options):
    config = LoraConfig(r=2, lora_alpha=4, target_modules=targets_of[where], **options)
    adapted = get_peft_model(Pipeline(), config).eval()
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            # Where B starts at zero, half of the gradients say nothing at first.
            if "lora_B" in name:
                parameter.copy_(torch.randn_like(parameter) * 0.05)
    adapted.save_pretrained(folder / method / "init")
    (folder / method / "init" / "README.md").unlink(missing_ok=True)
    return train(adapted, method, where == "_texts")


def train_nora(method, where):
    network, whole = Pipeline(), where == "_texts"
    settings = dict(
        awsvd_statistic="mean_abs", awsvd_exponent=0.5, scale_floor=1e-6, outer_rank=4, inner_rank=2, alpha=4,
        scaling="alpha/inner_rank", targets=targets_of[where],
    )
    inputs = [{"batch": batch, "whole": whole} for batch in batches]
    tensors = nora.start(network, targets_of[where], inputs, settings["outer_rank"], settings["inner_rank"])
    # As B of LoRA above.
    tensors |= {name: torch.randn_like(one) * 0.05 for name, one in tensors.items() if name.endswith(".inner_B")}
    (folder / method).mkdir(exist_ok=True)
    (folder / method / "nora_config.json").write_text(json.dumps(settings, indent=1))
    save_file(tensors, folder / method / "init.safetensors")
    return train(nora.adapt(network, tensors, settings["alpha"] / settings["inner_rank"]), method, whole)


methods = {"lora": train_lora("lora", ""), "nora": train_nora("nora", "")}
if kind == "sd15":
    methods |= {
        "lora_convolutions": train_lora("lora_convolutions", "_convolutions"),
        "dora_convolutions": train_lora("dora_convolutions", "_convolutions", use_dora=True),
        "nora_convolutions": train_nora("nora_convolutions", "_convolutions"),
    }
else:
    methods |= {"lora_texts": train_lora("lora_texts", "_texts"), "nora_texts": train_nora("nora_texts", "_texts")}
save_file(gradients, folder / "gradients.safetensors")
(folder / "expected.json").write_text(json.dumps({
    "objective": "noise",
    "prediction": prediction,
    "loss": loss.item(),
    "optimizer": {"lr": 4e-3, "betas": [0.9, 0.999], "eps": epsilon, "weight_decay": 0.01},
    "clip_grad_norm": 1.0,
    "steps": steps,
    "diffusers": diffusers.__version__,
    "transformers": transformers.__version__,
    "peft": peft.__version__,
    "torch": torch.__version__,
    "methods": methods,
}, indent=1))
