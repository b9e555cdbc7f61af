"""
Makes adapters with PEFT itself, trained a few steps so that every factor moves, and saves each with the logits that PEFT computes:
python make-fixtures.py. What is written to fixtures/ARCHITECTURE/NAME holds adapter_config.json, adapter_model.safetensors and
logits.safetensors, the latter of the first row of the architecture's first batch; CorDA's raw adapter has its start beside it.
"""
import json
import shutil
from pathlib import Path

import torch
from peft import (
    AdaLoraConfig,
    EvaConfig,
    LoraConfig,
    PeftModel,
    VeraConfig,
    get_peft_model,
    initialize_lora_eva_weights,
)
from peft.optimizers import create_lorafa_optimizer, create_loraplus_optimizer
from peft.tuners.lora.config import CordaConfig
from peft.tuners.lora.corda import preprocess_corda
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

here = Path(__file__).parent
models = here / "../numeric/fixtures"
out = here / "fixtures"
steps = 6
targets = {"llama": ["q_proj", "down_proj"], "gpt2": ["c_attn", "mlp.c_proj"], "bert_cls": ["query", "value"]}

ranks = {"llama": 4, "gpt2": 2, "bert_cls": 4}


def batches_of(name):
    read = json.loads((models / name / "batches.json").read_text())
    return [{key: torch.tensor(value) for key, value in batch.items()} for batch in read]


def base_of(name):
    maker = AutoModelForSequenceClassification if name.endswith("_cls") else AutoModelForCausalLM
    return maker.from_pretrained(models / name / "model", dtype=torch.float32, attn_implementation="eager").eval()


def adamw(model):
    return torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-2)


def train(name, model, optimizer=adamw, after_step=lambda index: None):
    chosen = optimizer(model)
    batches = batches_of(name)
    for index in range(steps):
        model(**batches[index % len(batches)]).loss.backward()
        chosen.step()
        after_step(index)
        chosen.zero_grad()
    return model.eval()


def logits_of(name, model):
    batch = batches_of(name)[0]
    with torch.no_grad():
        return model(**{key: batch[key][:1] for key in ("input_ids", "attention_mask")}).logits.contiguous()


def clean(folder):
    for leftover in folder.glob("README.md"):
        leftover.unlink()
    # The model by its name: a path is the machine's that this runs on.
    for path in folder.glob("adapter_config.json"):
        config = json.loads(path.read_text())
        config["base_model_name_or_path"] = Path(config["base_model_name_or_path"]).parent.name
        path.write_text(json.dumps(config, indent=2, sort_keys=True))


def save(name, method, model, **options):
    """Saves, and has PEFT load what it saved: its own logits have to come back, or there would be nothing to compare with."""
    folder = out / name / method
    expected = logits_of(name, model)
    model.save_pretrained(folder, **options)
    clean(folder)
    save_file({"logits": expected}, folder / "logits.safetensors")
    return folder, expected


def check(name, folder, expected):
    again = logits_of(name, PeftModel.from_pretrained(base_of(name), folder).eval())
    print(f"{name:10} {folder.name:22} {(again - expected).abs().max().item():.1e}")


def plain(name, method, config, optimizer=adamw):
    torch.manual_seed(5)
    model = train(name, get_peft_model(base_of(name), config), optimizer)
    check(name, *save(name, method, model))


def lora(name, **settings):
    return LoraConfig(**{"r": ranks[name], "lora_alpha": 8, "target_modules": targets[name], **settings})


def residual(name, method, config, prepare=lambda model: None):
    """Saved as it is, which belongs to the changed base, and in the form that loads on the base as it was."""
    torch.manual_seed(6)
    base = base_of(name)
    prepare(base)
    model = get_peft_model(base, config)
    start = out / name / f"{method}-start"
    kept, model.peft_config["default"].init_lora_weights = config.init_lora_weights, True
    model.save_pretrained(start)
    clean(start)
    model.peft_config["default"].init_lora_weights = kept
    train(name, model)
    folder, expected = save(name, f"{method}-raw", model)
    if method != "corda":
        check(name, folder, expected)
    portable, expected = save(name, f"{method}-portable", model, path_initial_model_for_weight_conversion=str(start))
    check(name, portable, expected)
    if method != "corda":
        shutil.rmtree(start)


def eva(name):
    torch.manual_seed(7)
    config = lora(name, init_lora_weights="eva", eva_config=EvaConfig(rho=2.0))
    model = get_peft_model(base_of(name), config)
    inputs = [{key: batch[key] for key in ("input_ids", "attention_mask")} for batch in batches_of(name)]
    initialize_lora_eva_weights(model, inputs * 4)
    check(name, *save(name, "eva", train(name, model)))


def adalora(name):
    torch.manual_seed(8)
    config = AdaLoraConfig(
        init_r=6, target_r=3, lora_alpha=8, tinit=1, tfinal=1, deltaT=1, total_step=steps, target_modules=targets[name]
    )
    model = get_peft_model(base_of(name), config)
    train(name, model, after_step=model.base_model.update_and_allocate)
    check(name, *save(name, "adalora", model))


def vera(name):
    plain(name, "vera", VeraConfig(r=8, target_modules=targets[name], vera_dropout=0.05, d_initial=0.2))


def loraplus(model):
    return create_loraplus_optimizer(model=model, optimizer_cls=torch.optim.AdamW, lr=5e-3, loraplus_lr_ratio=8)


def lorafa(model):
    return create_lorafa_optimizer(model=model, r=4, lora_alpha=8, lr=5e-3)


def corda(model):
    batches = batches_of("llama")

    def run():
        for batch in batches:
            for row in batch["input_ids"]:  # PEFT takes one row at a time
                model(input_ids=row[None])

    preprocess_corda(model, corda_config, run_model=run)


if out.exists():
    shutil.rmtree(out)
plain("llama", "lora", lora("llama", lora_dropout=0.1))
plain("llama", "rslora", lora("llama", use_rslora=True))
plain("llama", "loraplus", lora("llama"), loraplus)
plain("llama", "lorafa", lora("llama"), lorafa)
plain("llama", "dora", lora("llama", use_dora=True))
plain("llama", "dora-rslora", lora("llama", use_dora=True, use_rslora=True, rank_pattern={"layers.0.mlp.down_proj": 2}))
plain("llama", "patterns", lora("llama", rank_pattern={"down_proj": 2}, alpha_pattern={"layers.1.*q_proj": 3}))
plain("llama", "chosen-layers", lora("llama", target_modules=["q_proj", "v_proj"], layers_to_transform=[1]))
excluded = ["gate_proj", "up_proj", "o_proj", "layers.0.mlp.down_proj"]
plain("llama", "excluded", lora("llama", r=2, target_modules="all-linear", exclude_modules=excluded))
plain("llama", "whole-module", lora("llama", target_modules=["v_proj"], modules_to_save=["post_attention_layernorm"]))
plain("llama", "mica", lora("llama", init_lora_weights="mica"))
residual("llama", "pissa", lora("llama", init_lora_weights="pissa"))
residual("llama", "olora", lora("llama", init_lora_weights="olora"))
corda_config = lora("llama", init_lora_weights="corda", corda_config=CordaConfig(corda_method="ipm"))
residual("llama", "corda", corda_config, corda)
eva("llama")
vera("llama")
adalora("llama")
plain("gpt2", "lora", lora("gpt2", fan_in_fan_out=True))
plain("gpt2", "dora", lora("gpt2", fan_in_fan_out=True, use_dora=True))
residual("gpt2", "pissa", lora("gpt2", fan_in_fan_out=True, init_lora_weights="pissa"))
plain("gpt2", "mica", lora("gpt2", fan_in_fan_out=True, init_lora_weights="mica"))
plain("gpt2", "mica-tables", lora("gpt2", target_modules=["wte", "c_fc"], init_lora_weights="mica"))
vera("gpt2")
adalora("gpt2")
plain("bert_cls", "lora", lora("bert_cls", task_type="SEQ_CLS"))
plain("bert_cls", "dora", lora("bert_cls", task_type="SEQ_CLS", use_dora=True))
