"""
Makes reference runs for a tiny random CLIP or SigLIP, in the form of the other fixtures, of LoRA, DoRA and NoRA on both towers:
python make-picture-reference.py clip class-prompts fixtures/clip
python make-picture-reference.py clip image-captions fixtures/clip_captions
python make-picture-reference.py siglip class-prompts fixtures/siglip
python make-picture-reference.py siglip caption-matches fixtures/siglip_captions
The objective of class prompts scores each picture over the prompts of all classes, the other is the model's own loss over the pairs of a batch.
Of CLIP, texts of the first end at the first token that config.json names as their end, and of the second at their largest token, as in files
from before transformers 4.31. Of SigLIP, all texts are padded to one length, and padding is seen; pictures of the first do not divide into patches.
Gradients are those of the second step, of five tensors: of both towers and of a projection.
"""
import json
import sys
from pathlib import Path

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

import nora

family, objective, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
torch.set_num_threads(1)
torch.manual_seed(8)
steps, second_step = 20, 1
of_classes = objective == "class-prompts"
vocabulary, longest_text = 60, 12


def clip():
    activation = "quick_gelu" if of_classes else "gelu"
    sizes = dict(num_hidden_layers=2, hidden_act=activation, projection_dim=20)
    return CLIPModel, CLIPConfig(
        text_config=dict(
            **sizes, hidden_size=24, intermediate_size=48, num_attention_heads=3, vocab_size=vocabulary,
            max_position_embeddings=longest_text, bos_token_id=58, eos_token_id=59 if of_classes else 2, pad_token_id=padding,
        ),
        vision_config=dict(**sizes, hidden_size=32, intermediate_size=64, num_attention_heads=4, image_size=16, patch_size=4),
        projection_dim=20,
    )


def siglip():
    sizes = dict(num_hidden_layers=2)
    return SiglipModel, SiglipConfig(
        text_config=dict(
            **sizes, hidden_size=24, intermediate_size=48, num_attention_heads=3, vocab_size=vocabulary,
            max_position_embeddings=longest_text, projection_size=32, pad_token_id=padding, bos_token_id=58, eos_token_id=59,
        ),
        vision_config=dict(
            **sizes, hidden_size=32, intermediate_size=64, num_attention_heads=4, image_size=18 if of_classes else 16, patch_size=4,
        ),
    )


begin, end = {"clip": ([58], 59), "siglip": ([], 59)}[family]
padding = end if family == "siglip" or of_classes else 1
# The pooling head of SigLIP's pictures has an out_proj as well, which adapters on it would not reach.
targets = {
    "clip": ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2", "visual_projection", "text_projection"],
    "siglip": ["q_proj", "k_proj", "v_proj", "self_attn.out_proj", "fc1", "fc2", "text_model.head"],
}[family]
model_class, configuration = {"clip": clip, "siglip": siglip}[family]()
size = configuration.vision_config.image_size
model = model_class._from_config(configuration, attn_implementation="eager").float().eval()
with torch.no_grad():
    for name, parameter in model.named_parameters():
        # transformers starts biases at zero and norms at one, where a mistake would not show.
        if parameter.ndim == 1:
            parameter.add_(torch.randn_like(parameter) * 0.1)
        elif parameter.ndim > 1:
            parameter.mul_(2)
    if family == "siglip":
        model.logit_scale.fill_(1.7)
        model.logit_bias.fill_(-1.3)
folder.mkdir(parents=True, exist_ok=True)
model.save_pretrained(folder / "model")


def texts(lengths):
    """Each from its beginning to its end, then padding, which SigLIP has to a length of its own and sees."""
    rows = [[*begin, *torch.randint(2, 58, (length - len(begin) - 1,)).tolist(), end] for length in lengths]
    longest = longest_text if family == "siglip" else max(lengths)
    mask = [[1] * (longest if family == "siglip" else len(row)) for row in rows]
    return {
        "input_ids": [row + [padding] * (longest - len(row)) for row in rows],
        "attention_mask": [row + [0] * (longest - len(row)) for row in mask],
    }


prompts = texts([5, 7, 4, 8, 6])
pictures = 4
batches, pixels = [], []
for index in range(4):
    if of_classes:
        batches.append({**prompts, "targets": torch.randint(0, 5, (pictures,)).tolist()})
    else:
        batches.append({**texts([4 + (index + place) % 5 for place in range(pictures)]), "targets": None})
    pixels.append(torch.randn(pictures, 3, size, size))
(folder / "batches.json").write_text(json.dumps(batches))
save_file({f"pixels.{index}": one for index, one in enumerate(pixels)}, folder / "pixels.safetensors")
inputs = [
    {"input_ids": torch.tensor(b["input_ids"]), "attention_mask": torch.tensor(b["attention_mask"]), "pixel_values": p}
    for b, p in zip(batches, pixels)
]


def loss_of(network, index):
    result = network(**inputs[index], return_loss=not of_classes)
    if not of_classes:
        return result.loss, result.logits_per_image
    return torch.nn.functional.cross_entropy(result.logits_per_image, torch.tensor(batches[index]["targets"])), result.logits_per_image


with torch.no_grad():
    loss, logits = loss_of(model, 0)
save_file({"logits": logits.contiguous()}, folder / "logits.safetensors")
gradients = {}


def train(adapted, method):
    trained = {name: p for name, p in adapted.named_parameters() if p.requires_grad}
    names = list(trained)
    chosen = [names[0], names[len(names) // 4], names[len(names) // 2], names[3 * len(names) // 4], names[-1]]
    optimizer = torch.optim.AdamW(trained.values(), lr=4e-3, weight_decay=0.01)
    losses, norms = [], []
    for index in range(steps):
        optimizer.zero_grad()
        loss, _ = loss_of(adapted, index % len(inputs))
        loss.backward()
        losses.append(loss.item())
        norms.append(torch.nn.utils.clip_grad_norm_(trained.values(), 1.0).item())
        if index == second_step:
            for name in chosen:
                gradients[f"{method}/{name.replace('.default', '')}"] = trained[name].grad.clone()
        optimizer.step()
    with torch.no_grad():
        save_file({"logits": loss_of(adapted, 0)[1].contiguous()}, folder / method / "final_logits.safetensors")
    return {"losses": losses, "grad_norms": norms, "trainable": sum(p.numel() for p in trained.values())}


def base():
    """From its file: PEFT changes a model."""
    return model_class.from_pretrained(folder / "model", dtype=torch.float32, attn_implementation="eager").eval()


def train_lora(method, **options):
    adapted = get_peft_model(base(), LoraConfig(r=4, lora_alpha=8, target_modules=targets, **options)).eval()
    adapted.save_pretrained(folder / method / "init")
    (folder / method / "init" / "README.md").unlink(missing_ok=True)
    return train(adapted, method)


def train_nora():
    network = base()
    settings = dict(
        awsvd_statistic="mean_abs", awsvd_exponent=0.5, scale_floor=1e-6, outer_rank=12, inner_rank=4, alpha=8,
        scaling="alpha/inner_rank", targets=targets,
    )
    tensors = nora.start(network, targets, inputs, settings["outer_rank"], settings["inner_rank"])
    (folder / "nora").mkdir(exist_ok=True)
    (folder / "nora" / "nora_config.json").write_text(json.dumps(settings, indent=1))
    save_file(tensors, folder / "nora" / "init.safetensors")
    return train(nora.adapt(network, tensors, settings["alpha"] / settings["inner_rank"]), "nora")


methods = {"lora": train_lora("lora"), "dora": train_lora("dora", use_dora=True), "nora": train_nora()}
save_file(gradients, folder / "gradients.safetensors")
(folder / "expected.json").write_text(json.dumps({
    "objective": objective,
    "loss": loss.item(),
    "optimizer": {"lr": 4e-3, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01},
    "clip_grad_norm": 1.0,
    "steps": steps,
    "transformers": transformers.__version__,
    "peft": peft.__version__,
    "torch": torch.__version__,
    "methods": methods,
}, indent=1))
