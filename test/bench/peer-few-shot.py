"""A run of few-shot-accuracy.ts with transformers, PEFT and PyTorch: settings as one JSON argument. Prints one JSON line: accuracy on the
held-out pictures before and after, and the loss on them. With `pictures` it draws, crops and starts by itself; without it, it takes our
batches and our adapter's start."""

import json
import math
import random
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from transformers import CLIPModel

sys.path.insert(0, str(Path(__file__).parent.parent / "numeric"))
import nora

given = json.loads(sys.argv[1])
torch.set_num_threads(given["threads"])
torch.manual_seed(given["seed"])
data = load_file(given["batches"])
start = load_file(given["start"])
model = CLIPModel.from_pretrained(given["model"], dtype=torch.float32)
texts = {name: data[name] for name in ("input_ids", "attention_mask")}

if given["method"] == "NoRA":
    adapted = nora.adapt(model, {name.replace(".lora_", "."): tensor for name, tensor in start.items()}, 1.0)
else:
    lora = LoraConfig(r=4, lora_alpha=4, target_modules=["q_proj", "k_proj", "v_proj"])
    adapted = get_peft_model(model, lora)
    if "pictures" not in given:
        with torch.no_grad():
            for name, parameter in adapted.named_parameters():
                if parameter.requires_grad:
                    module, _, factor = name.removeprefix("base_model.model.").removesuffix(".default.weight").rpartition(".")
                    parameter.copy_(start[f"{module}.{factor}"])


def drawn():
    """The pictures that CLIP-LoRA draws: for validation first, then for training."""
    folder = Path(given["pictures"])
    classes = sorted(path.name for path in (folder / "train").iterdir())

    def of(part):
        return [[(file, label) for file in sorted((folder / part / name).iterdir())] for label, name in enumerate(classes)]

    random.seed(given["seed"])
    for pictures in of("val"):
        random.sample(pictures, min(4, given["shots"]))
    return [one for pictures in of("train") for one in random.sample(pictures, given["shots"])]


def own_batches():
    from PIL import Image
    from torchvision import transforms

    side = data["pixels"].shape[-1]
    bicubic = transforms.InterpolationMode.BICUBIC
    varied = [transforms.RandomResizedCrop(side, scale=(0.08, 1), interpolation=bicubic), transforms.RandomHorizontalFlip()]
    plain = [transforms.Resize(side, interpolation=bicubic), transforms.CenterCrop(side)]
    normalise = transforms.Normalize((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
    see = transforms.Compose([*(varied if given["views"] == "random" else plain), transforms.ToTensor(), normalise])
    pictures = [(Image.open(file).convert("RGB"), label) for file, label in drawn()]
    queue = []
    while True:
        while len(queue) < given["batch"]:
            queue += random.sample(pictures, len(pictures))
        taken, queue = queue[: given["batch"]], queue[given["batch"] :]
        yield torch.stack([see(picture) for picture, _ in taken]), torch.tensor([label for _, label in taken])


def our_batches():
    yield from zip(data["pixels"].split(given["batch"]), data["labels"].split(given["batch"]))


def measure():
    adapted.eval()
    with torch.no_grad():
        logits = torch.cat([adapted(pixel_values=p, **texts).logits_per_image for p in data["held_out.pixels"].split(100)])
    labels = data["held_out.labels"]
    right = (logits.argmax(1) == labels).sum().item()
    return right / len(labels), torch.nn.functional.cross_entropy(logits, labels).item()


before, _ = measure()
adapted.train()
trained = [parameter for parameter in adapted.parameters() if parameter.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=given["rate"], weight_decay=0.01)
batches = own_batches() if "pictures" in given else our_batches()
for step in range(given["steps"]):
    for group in optimizer.param_groups:
        group["lr"] = given["rate"] * (1 + math.cos(math.pi * step / given["steps"])) / 2
    pixels, labels = next(batches)
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(adapted(pixel_values=pixels, **texts).logits_per_image, labels).backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
after, loss = measure()
print(json.dumps({"before": before, "after": after, "loss": loss, "trained": sum(p.numel() for p in trained)}))
