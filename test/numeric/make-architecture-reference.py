"""
Makes reference runs for a tiny random model of an architecture, in the form of the other fixtures, one of LoRA and one of NoRA:
python make-architecture-reference.py smollm3 fixtures/smollm3
make-gradients-reference.py then adds their gradients.
"""
import json
import shutil
import sys
from pathlib import Path

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, LlamaConfig, Olmo2Config, SmolLM3Config

import nora

name, folder = sys.argv[1], Path(sys.argv[2])
sizes = dict(
    vocab_size=128, hidden_size=64, intermediate_size=176, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, pad_token_id=0, bos_token_id=1, eos_token_id=2,
)
configurations = {
    # The second layer without positions.
    "smollm3": lambda: SmolLM3Config(**sizes, no_rope_layer_interval=2, tie_word_embeddings=True),
    "llama_bias": lambda: LlamaConfig(**sizes, attention_bias=True, mlp_bias=True),
    "olmo2": lambda: Olmo2Config(**sizes),
}
torch.manual_seed(5)
model = AutoModelForCausalLM.from_config(configurations[name](), attn_implementation="eager").float().eval()
with torch.no_grad():
    for parameter_name, parameter in model.named_parameters():
        # transformers starts biases at zero and norms at one, where a mistake would not show.
        if parameter.ndim == 1:
            parameter.add_(torch.randn_like(parameter) * 0.1)
        else:
            parameter.mul_(4)
folder.mkdir(parents=True, exist_ok=True)
model.save_pretrained(folder / "model")
source = Path(__file__).parent / "fixtures" / "llama" / "batches.json"
if source.resolve() != (folder / "batches.json").resolve():
    shutil.copy(source, folder / "batches.json")
batches = [{k: torch.tensor(v) for k, v in b.items()} for b in json.loads(source.read_text())]
with torch.no_grad():
    base = model(**batches[0])
save_file({"logits": base.logits.contiguous()}, folder / "logits.safetensors")

targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def train(adapted, method):
    parameters = [p for p in adapted.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=4e-3, weight_decay=0.01)
    losses, norms = [], []
    for index in range(20):
        optimizer.zero_grad()
        loss = adapted(**batches[index % len(batches)]).loss
        loss.backward()
        losses.append(loss.item())
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, 1.0).item())
        optimizer.step()
    with torch.no_grad():
        save_file({"logits": adapted(**batches[0]).logits.contiguous()}, folder / method / "final_logits.safetensors")
    return {"losses": losses, "grad_norms": norms, "trainable": sum(p.numel() for p in parameters)}


def train_lora():
    adapted = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules=targets)).eval()
    adapted.save_pretrained(folder / "lora" / "init")
    (folder / "lora" / "init" / "README.md").unlink(missing_ok=True)
    return train(adapted, "lora")


def train_nora():
    # From its file: PEFT changed the model.
    base = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32, attn_implementation="eager").eval()
    settings = dict(
        awsvd_statistic="mean_abs", awsvd_exponent=0.5, scale_floor=1e-6, outer_rank=16, inner_rank=4, alpha=8,
        scaling="alpha/inner_rank", targets=targets,
    )
    tensors = nora.start(base, targets, batches, settings["outer_rank"], settings["inner_rank"])
    (folder / "nora").mkdir(exist_ok=True)
    (folder / "nora" / "nora_config.json").write_text(json.dumps(settings, indent=1))
    save_file(tensors, folder / "nora" / "init.safetensors")
    return train(nora.adapt(base, tensors, settings["alpha"] / settings["inner_rank"]), "nora")


(folder / "expected.json").write_text(json.dumps({
    "loss": base.loss.item(),
    "optimizer": {"lr": 4e-3, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01},
    "clip_grad_norm": 1.0,
    "steps": 20,
    "transformers": transformers.__version__,
    "peft": peft.__version__,
    "torch": torch.__version__,
    "methods": {"lora": train_lora(), "nora": train_nora()},
}, indent=1))
