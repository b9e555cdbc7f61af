"""The work of clip-step.ts with transformers, PEFT and PyTorch: a LoRA on q, k and v of both towers, cross entropy of pictures over
the prompts of classes, AdamW. Random weights, pictures and tokens; fp32. Prints one JSON line."""

import argparse
import json
import resource
import statistics
import sys
import time

parser = argparse.ArgumentParser(description=__doc__)
for name, usual in [("patch", 16), ("pictures", 8), ("texts", 100), ("tokens", 10), ("rank", 2), ("steps", 6), ("threads", 2)]:
    parser.add_argument(f"--{name}", type=int, default=usual)
parser.add_argument("--dropout", type=float, default=0.25)
given = parser.parse_args()

import torch
from peft import LoraConfig, get_peft_model
from transformers import CLIPConfig, CLIPModel

torch.set_num_threads(given.threads)
torch.manual_seed(1)
model = CLIPModel(CLIPConfig(text_config={}, vision_config={"patch_size": given.patch}))
lora = LoraConfig(
    r=given.rank, lora_alpha=1, use_rslora=True, lora_dropout=given.dropout, target_modules=["q_proj", "k_proj", "v_proj"]
)
model = get_peft_model(model, lora).train()
parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimizer = torch.optim.AdamW(parameters, lr=2e-4, weight_decay=1e-2)
pixels = torch.randn(given.pictures, 3, 224, 224)
tokens = torch.randint(0, 49_000, (given.texts, given.tokens))
tokens[:, -1] = 49_407
targets = torch.randint(0, given.texts, (given.pictures,))
seconds, processor, losses = [], [], []
for _ in range(given.steps):
    started, used = time.perf_counter(), time.process_time()
    optimizer.zero_grad()
    logits = model(input_ids=tokens, pixel_values=pixels).logits_per_image
    loss = torch.nn.functional.cross_entropy(logits, targets)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    seconds.append(time.perf_counter() - started)
    processor.append((time.process_time() - used) / given.threads)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({
    "medianStepSeconds": statistics.median(seconds[1:]),
    "minimumStepSeconds": min(seconds[1:]),
    "minimumProcessorSeconds": min(processor[1:]),
    "peakMemoryMB": (peak if sys.platform == "darwin" else peak * 1024) / 1e6,
    "trainedParameters": sum(parameter.numel() for parameter in parameters),
    "losses": losses,
}))
