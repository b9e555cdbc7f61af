"""The work of unet-step.ts with diffusers, PEFT and PyTorch: a LoRA on the attention of Stable Diffusion's U-Net, the mean square of the noise,
AdamW. Random weights, latents and text states; fp32. Prints one JSON line."""

import argparse
import json
import resource
import statistics
import sys
import time

parser = argparse.ArgumentParser(description=__doc__)
for name, usual in [("latent", 64), ("images", 1), ("rank", 4), ("steps", 4), ("threads", 2)]:
    parser.add_argument(f"--{name}", type=int, default=usual)
parser.add_argument("--memory", choices=["fast", "low"], default="fast")
given = parser.parse_args()

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig

torch.set_num_threads(given.threads)
torch.manual_seed(1)
# The defaults of the class are Stable Diffusion 1.5's sizes, but for the width of the text states.
model = UNet2DConditionModel(sample_size=given.latent, cross_attention_dim=768)
model.requires_grad_(False)
model.add_adapter(
    LoraConfig(r=given.rank, lora_alpha=given.rank, init_lora_weights="gaussian", target_modules=["to_q", "to_k", "to_v", "to_out.0"])
)
if given.memory == "low":
    model.enable_gradient_checkpointing()
model.train()
parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=1e-2)
latents = torch.randn(given.images, 4, given.latent, given.latent)
noise = torch.randn_like(latents)
times = torch.randint(0, 1000, (given.images,))
states = torch.randn(given.images, 77, 768)
seconds, processor, losses = [], [], []
for _ in range(given.steps):
    started, used = time.perf_counter(), time.process_time()
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(latents, times, states).sample, noise)
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
