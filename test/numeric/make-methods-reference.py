"""
Trains methods with PyTorch and PEFT on a fixture's model and batches, as the other reference runs were trained, and adds the
results to the fixture: python make-methods-reference.py fixtures/llama
AdaLoRA and MiCA are PEFT's. LoRA-FA is PEFT's LoRA with the frozen A and the gradient of its optimizer, in fp32 with torch's AdamW: PEFT's own
class multiplies in bfloat16, which no other engine can follow to the last digit.
"""
import json
import sys
from pathlib import Path

import torch
from peft import AdaLoraConfig, LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

folder = Path(sys.argv[1])
targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
batches = [{k: torch.tensor(v) for k, v in b.items()} for b in json.loads((folder / "batches.json").read_text())]
expected = json.loads((folder / "expected.json").read_text())
steps = 20


def base():
    return AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32, attn_implementation="eager").eval()


def run(name, model, before_step=lambda: None, after_step=lambda index: None):
    model.eval()
    model.save_pretrained(folder / name / "init")
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=4e-3, weight_decay=0.01)
    losses, norms = [], []
    for index in range(steps):
        batch = batches[index % len(batches)]
        result = model(**batch)
        logits = result.logits[:, :-1].reshape(-1, result.logits.shape[-1])
        plain = torch.nn.functional.cross_entropy(logits, batch["labels"][:, 1:].reshape(-1), ignore_index=-100)
        result.loss.backward()
        losses.append(plain.item())
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, 1.0).item())
        before_step()
        optimizer.step()
        after_step(index)
        optimizer.zero_grad()
    with torch.no_grad():
        final = model(**batches[0]).logits
    save_file({"logits": final.contiguous()}, folder / name / "final_logits.safetensors")
    for leftover in (folder / name / "init").glob("README.md"):
        leftover.unlink()
    expected["methods"][name] = {"losses": losses, "grad_norms": norms, "trainable": sum(p.numel() for p in parameters)}


torch.manual_seed(11)
adalora = get_peft_model(
    base(),
    AdaLoraConfig(
        init_r=6, target_r=3, lora_alpha=8, tinit=4, tfinal=4, deltaT=2, beta1=0.85, beta2=0.85,
        orth_reg_weight=0.5, total_step=steps, target_modules=targets, task_type="CAUSAL_LM",
    ),
)
# Zero singular values give no gradient to A and B at the first step; a small start exercises every path from the beginning.
for parameter_name, parameter in adalora.named_parameters():
    if "lora_E" in parameter_name:
        torch.nn.init.normal_(parameter, std=0.1)
run("adalora", adalora, after_step=adalora.base_model.update_and_allocate)

torch.manual_seed(12)
lorafa = get_peft_model(base(), LoraConfig(r=4, lora_alpha=8, target_modules=targets, task_type="CAUSAL_LM"))
pairs = []
for module in lorafa.modules():
    if hasattr(module, "lora_A") and "default" in getattr(module, "lora_A", {}):
        module.lora_A["default"].weight.requires_grad = False
        pairs.append((module.lora_A["default"].weight, module.lora_B["default"].weight, module.scaling["default"]))


def precondition():
    for a, b, scaling in pairs:
        gram = (a @ a.T).double() + 1e-8 * torch.eye(a.shape[0], dtype=torch.float64)
        b.grad = (b.grad.double() @ torch.linalg.inv(gram) / scaling**2).float()


run("lorafa", lorafa, before_step=precondition)

torch.manual_seed(13)
mica = LoraConfig(r=4, lora_alpha=8, target_modules=targets, task_type="CAUSAL_LM", init_lora_weights="mica")
run("mica", get_peft_model(base(), mica))
(folder / "expected.json").write_text(json.dumps(expected, indent=1))
