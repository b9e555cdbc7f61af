"""
Adds gradients to reference runs: python make-gradients-reference.py FIXTURES FOLDER...
Trains every method of the folders once more, from the adapter that the run started with, holds its losses and gradient norms to
those of expected.json, and writes FIXTURES/<architecture>/gradients.safetensors: the gradients of three trained tensors at the second
step, as <method>/<name of the tensor in the adapter's file>. At the first step half of them are zero, since B starts so.
The three are the first, the middle and the last of all that the method trains, in the model's order; the gradient is what AdamW
takes: after clipping, and for LoRA-FA after its own rule.
"""
import json
import sys
from pathlib import Path

import torch
from peft import PeftConfig, PeftModel
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

from nora import adapt

torch.set_num_threads(1)
target, folders = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
second_step = 1
# Other versions of PyTorch round otherwise, and AdamW's first steps magnify what small gradients differ in.
tolerance = 2e-5


def base(folder):
    maker = AutoModelForSequenceClassification if folder.name.endswith("_cls") else AutoModelForCausalLM
    model = maker.from_pretrained(folder / "model", dtype=torch.float32, attn_implementation="eager")
    return model.eval()


def subtract_product(model, folder, config):
    """PiSSA and OLoRA take from the weights what the adapter starts with."""
    start = load_file(folder / "init" / "adapter_model.safetensors")
    for name, b in start.items():
        if not name.endswith(".lora_B.weight"):
            continue
        product = b.double() @ start[name.replace("lora_B", "lora_A")].double() * config.lora_alpha / config.r
        module = name.removeprefix("base_model.model.").removesuffix(".lora_B.weight")
        layer = model.get_submodule(module)
        # GPT-2's layers hold their weights as (in x out).
        stored = product.T if type(layer).__name__ == "Conv1D" else product
        with torch.no_grad():
            layer.weight.copy_((layer.weight.double() - stored).float())


def load(folder, method):
    """A run's model before the first step."""
    model = base(folder)
    start = folder / method
    if method == "nora":
        config = json.loads((start / "nora_config.json").read_text())
        return adapt(model, load_file(start / "init.safetensors"), config["alpha"] / config["inner_rank"])
    config = PeftConfig.from_pretrained(start / "init")
    if method in ("pissa", "olora"):
        subtract_product(model, start, config)
        config.init_lora_weights = False
    model = PeftModel.from_pretrained(model, start / "init", is_trainable=True, config=config).eval()
    if method == "lorafa":
        for name, parameter in model.named_parameters():
            if ".lora_A." in name:
                parameter.requires_grad = False
    return model


def saved_name(name):
    return name.replace(".default", "")


def precondition(model):
    """LoRA-FA's gradient of B."""
    for module in model.modules():
        if "default" in getattr(module, "lora_A", {}):
            a, b = module.lora_A["default"].weight.double(), module.lora_B["default"].weight
            gram = a @ a.T + 1e-8 * torch.eye(a.shape[0], dtype=torch.float64)
            b.grad = (b.grad.double() @ torch.linalg.inv(gram) / module.scaling["default"] ** 2).float()


def groups_of(method, trained, rate):
    if method != "loraplus":
        return list(trained.values())
    fast = [p for name, p in trained.items() if ".lora_B." in name]
    slow = [p for name, p in trained.items() if ".lora_B." not in name]
    return [{"params": slow}, {"params": fast, "lr": 4 * rate}]


def train(folder, method, expected, batches):
    model = load(folder, method)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    settings, run = expected["optimizer"], expected["methods"][method]
    assert sum(p.numel() for p in trained.values()) == run["trainable"]
    optimizer = torch.optim.AdamW(groups_of(method, trained, settings["lr"]), **settings)
    names = list(trained)
    chosen = [names[0], names[len(names) // 2], names[-1]]
    worst, gradients = 0.0, {}
    for index, (loss, norm) in enumerate(zip(run["losses"], run["grad_norms"])):
        batch = batches[index % len(batches)]
        result = model(**batch)
        result.loss.backward()
        # AdaLoRA's own loss holds its penalty too.
        plain = result.loss.item() if method != "adalora" else torch.nn.functional.cross_entropy(
            result.logits[:, :-1].reshape(-1, result.logits.shape[-1]), batch["labels"][:, 1:].reshape(-1)
        ).item()
        own = torch.nn.utils.clip_grad_norm_(trained.values(), expected["clip_grad_norm"]).item()
        worst = max(worst, abs(plain / loss - 1), abs(own / norm - 1))
        if method == "lorafa":
            precondition(model)
        if index == second_step:
            gradients = {f"{method}/{saved_name(name)}": trained[name].grad.clone() for name in chosen}
        optimizer.step()
        if method == "adalora":
            model.base_model.update_and_allocate(index)
        optimizer.zero_grad()
    print(f"{folder.name}/{method}: losses and gradient norms within {worst:.1e} of the kept ones")
    assert worst < tolerance, f"{folder}/{method} is another run"
    return gradients


for folder in folders:
    expected = json.loads((folder / "expected.json").read_text())
    batches = [{k: torch.tensor(v) for k, v in b.items()} for b in json.loads((folder / "batches.json").read_text())]
    file = target / folder.name / "gradients.safetensors"
    gradients = load_file(file) if file.exists() else {}
    for method in expected["methods"]:
        if (folder / method).is_dir():
            gradients |= train(folder, method, expected, batches)
    save_file(dict(sorted(gradients.items())), file)
