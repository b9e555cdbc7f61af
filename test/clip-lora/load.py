"""Loads what round-trip.ts wrote with CLIP-LoRA's own code, and compares tensors (to the bit) and logits. Reference only."""

import contextlib
import importlib.util
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors.torch import load_file

checkout, model_folder, folder = (Path(argument) for argument in sys.argv[1:4])
sys.path.insert(0, str(checkout))
# The package's own start asks for torchvision, which is not needed here.
spec = importlib.util.spec_from_file_location("clip_model", checkout / "clip/model.py")
clip_model = importlib.util.module_from_spec(spec)
spec.loader.exec_module(clip_model)
from loralib.utils import apply_lora, load_lora  # noqa: E402

config = json.loads((model_folder / "config.json").read_text())
weights = load_file(model_folder / "model.safetensors")
text, vision = config["text_config"], config["vision_config"]


def openai_names():
    named = {
        "visual.class_embedding": weights["vision_model.embeddings.class_embedding"],
        "visual.conv1.weight": weights["vision_model.embeddings.patch_embedding.weight"],
        "visual.positional_embedding": weights["vision_model.embeddings.position_embedding.weight"],
        "visual.proj": weights["visual_projection.weight"].T,
        "token_embedding.weight": weights["text_model.embeddings.token_embedding.weight"],
        "positional_embedding": weights["text_model.embeddings.position_embedding.weight"],
        "text_projection": weights["text_projection.weight"].T,
        "logit_scale": weights["logit_scale"],
    }
    norms = {
        "visual.ln_pre": "vision_model.pre_layrnorm",
        "visual.ln_post": "vision_model.post_layernorm",
        "ln_final": "text_model.final_layer_norm",
    }
    parts = {"attn.out_proj": "self_attn.out_proj", "ln_1": "layer_norm1", "ln_2": "layer_norm2"}
    parts |= {"mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2"}
    for ours, theirs, layers in [("vision_model", "visual.transformer", vision), ("text_model", "transformer", text)]:
        for layer in range(layers["num_hidden_layers"]):
            own, other = f"{ours}.encoder.layers.{layer}", f"{theirs}.resblocks.{layer}"
            norms |= {f"{other}.{name}": f"{own}.{part}" for name, part in parts.items()}
            for kind in ["weight", "bias"]:
                joined = [weights[f"{own}.self_attn.{name}_proj.{kind}"] for name in "qkv"]
                named[f"{other}.attn.in_proj_{kind}"] = torch.cat(joined)
    for other, own in norms.items():
        for kind in ["weight", "bias"]:
            named[f"{other}.{kind}"] = weights[f"{own}.{kind}"]
    return named


def build():
    model = clip_model.CLIP(
        config["projection_dim"], vision["image_size"], vision["num_hidden_layers"], 64, vision["patch_size"],
        text["max_position_embeddings"], text["vocab_size"], text["hidden_size"],
        text["num_attention_heads"], text["num_hidden_layers"],
    )
    # Of sizes that its own rules do not make.
    model.visual = clip_model.VisionTransformer(
        vision["image_size"], vision["patch_size"], vision["hidden_size"],
        vision["num_hidden_layers"], vision["num_attention_heads"], config["projection_dim"],
    )
    for tower, layers in [(model.visual.transformer, vision), (model.transformer, text)]:
        for block in tower.resblocks:
            width, inner = layers["hidden_size"], layers["intermediate_size"]
            block.mlp.c_fc, block.mlp.c_proj = torch.nn.Linear(width, inner), torch.nn.Linear(inner, width)
    model.load_state_dict(openai_names())
    return model.float().eval()


asked = json.loads((folder / "cases.json").read_text())
pixels = load_file(folder / "pixels.safetensors")["pixels"]
ids = torch.zeros(len(asked["prompts"]), text["max_position_embeddings"], dtype=torch.long)
for row, prompt in enumerate(asked["prompts"]):
    ids[row, : len(prompt)] = torch.tensor(prompt)

worst = 0.0
for name, told in asked["cases"].items():
    path = folder / name / "vitb16/set/4shots/seed1/lora_weights.pt"
    loaded = torch.load(path, weights_only=True)
    ours = load_file(folder / name / "tensors.safetensors")
    found = {
        f"{layer}.{part}.{factor}": tensor
        for layer, parts in loaded["weights"].items()
        for part, factors in parts.items()
        for factor, tensor in factors.items()
    }
    assert loaded["metadata"] == told, (loaded["metadata"], told)
    assert found.keys() == ours.keys(), (sorted(found), sorted(ours))
    for key, tensor in found.items():
        assert tensor.dtype == torch.float32 and tensor.is_contiguous() and not tensor.requires_grad
        assert tensor.numpy().tobytes() == ours[key].numpy().tobytes(), key

    model = build()
    logits = load_file(folder / name / "logits.safetensors")
    with torch.no_grad():
        base = model(pixels, ids)[0]
        args = SimpleNamespace(
            **told, backbone="ViT-B/16", dropout_rate=0.25, dataset="set", shots=4, seed=1,
            filename="lora_weights", save_path=str(folder / name),
        )
        with contextlib.redirect_stdout(io.StringIO()):
            load_lora(args, apply_lora(args, model))
        model.eval()
        own = model(pixels, ids)[0]
    largest = float(logits["logits"].abs().max())
    off = float((own - logits["logits"]).abs().max())
    off_base = float((base - logits["base"]).abs().max())
    moved = float((logits["logits"] - logits["base"]).abs().max())
    worst = max(worst, off)
    print(f"{name}: {len(found)} tensors to the bit; logits up to {largest:.3g} moved by {moved:.3g}, off by {off:.2g} (base {off_base:.2g})")
    assert off < 1e-5 and moved > 1e-3
print(f"largest difference {worst:.2g}, torch {torch.__version__}")
