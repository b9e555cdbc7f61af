"""The work of `nora bench` with transformers, PEFT and PyTorch: what people would use instead.

Trains a LoRA on every linear layer of a model of random weights for a few steps on one batch of random tokens, every token
labelled, with AdamW and clipping. Prints one JSON line with the names that `nora bench --json` uses.
"""

import argparse
import json
import resource
import statistics
import sys
import time
from pathlib import Path

SHAPES = Path(__file__).parent / "../../main/engine/models/shapes.json"
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def read_arguments(shapes):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=shapes, default="smollm2-135m")
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32", help="of the base; PEFT keeps adapters in fp32")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--seq", type=int, default=256)
    parser.add_argument("--labels", type=int, help="labelled tokens at the end of each row; all otherwise")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--threads", type=int, help="PyTorch's own choice otherwise")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def peak_memory():
    """Highest resident memory of this process in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def make_model(config, dtype):
    """A model of random weights that was never larger than in its own data type."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    options = {key: value for key, value in config.items() if key != "model_type"}
    torch.set_default_dtype(dtype)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(config["model_type"], **options))
    torch.set_default_dtype(torch.float32)
    return model


def main():
    shapes = json.loads(SHAPES.read_text())
    arguments = read_arguments(list(shapes))

    import peft
    import torch
    import transformers

    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    device = torch.device(arguments.device)
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[arguments.dtype]

    started = time.perf_counter()
    model = make_model(shapes[arguments.shape], dtype).to(device)
    load_seconds = time.perf_counter() - started

    started = time.perf_counter()
    settings = peft.LoraConfig(r=arguments.rank, lora_alpha=32, target_modules=TARGETS)
    model = peft.get_peft_model(model, settings)
    model.train()
    initialisation_seconds = time.perf_counter() - started

    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4)
    shape = (arguments.batch, arguments.seq)
    ids = torch.randint(0, shapes[arguments.shape]["vocab_size"], shape).to(device)
    labels = ids.clone()
    if arguments.labels:
        labels[:, : -arguments.labels] = -100

    def step():
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        return loss.item()  # also waits for the device

    seconds, losses = [], []
    for _ in range(arguments.steps):
        started = time.perf_counter()
        losses.append(step())
        seconds.append(time.perf_counter() - started)

    median = statistics.median(seconds[1:])
    result = {
        "peer": "peft",
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__},
        "model": arguments.shape,
        "dtype": arguments.dtype,
        "device": torch.cuda.get_device_name() if arguments.device == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "trainedParameters": sum(parameter.numel() for parameter in trained),
        "loadSeconds": load_seconds,
        "initialisationSeconds": initialisation_seconds,
        "stepSeconds": seconds,
        "firstStepSeconds": seconds[0],
        "medianStepSeconds": median,
        "minimumStepSeconds": min(seconds[1:]),
        "tokensPerSecond": arguments.batch * arguments.seq / median,
        "peakMemoryMB": round(peak_memory() / 1e6, 1),
        "firstLoss": losses[0],
        "lastLoss": losses[-1],
    }
    if arguments.device == "cuda":
        result["peakDeviceMemoryMB"] = round(torch.cuda.max_memory_allocated() / 1e6, 1)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
