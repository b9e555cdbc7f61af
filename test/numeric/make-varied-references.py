"""
Makes reference runs in the form of the fixtures, each unlike them in something: widths, heads, vocabularies, ranks, seeds, lengths,
padding, tied heads, rotary settings, windows, the older form of config.json.
python make-varied-references.py DIRECTORY [NAME ...]
What may go wrong is worth no fixture each; run this and `npm run -s golden -- DIRECTORY` after a change to an architecture.
"""
import json
import sys
import zlib
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, VeraConfig, get_peft_model
from safetensors.torch import save_file

directory, wanted = Path(sys.argv[1]), sys.argv[2:]
steps = 12

plain = dict(
    vocab_size=97, hidden_size=48, intermediate_size=80, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=80, pad_token_id=0, bos_token_id=1, eos_token_id=2,
)
gpt2 = dict(vocab_size=83, n_positions=40, n_embd=40, n_layer=3, n_head=5, bos_token_id=1, eos_token_id=2, attn_pdrop=0.0, embd_pdrop=0.0, resid_pdrop=0.0)
encoder = dict(
    vocab_size=101, hidden_size=36, intermediate_size=60, num_hidden_layers=3, num_attention_heads=3, max_position_embeddings=50,
    hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, num_labels=5,
)
decoder_targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def without(config, *keys):
    return {key: value for key, value in config.items() if key not in keys}


def flat(config):
    """As before transformers 5: rope_theta beside the other keys, rope_scaling for the rest, no list of layer types."""
    rope = dict(config["rope_parameters"])
    older = {**without(config, "rope_parameters", "layer_types"), "rope_theta": rope.pop("rope_theta")}
    if "partial_rotary_factor" in rope:
        older["partial_rotary_factor"] = rope.pop("partial_rotary_factor")
    kind = rope.pop("rope_type")
    return older if kind == "default" else {**older, "rope_scaling": {**rope, "type": kind}}


def flat_gemma3(config):
    rope = config["rope_parameters"]
    scaling = without(rope["full_attention"], "rope_theta")
    return {
        **without(config, "rope_parameters", "layer_types", "_sliding_window_pattern"),
        "rope_theta": rope["full_attention"]["rope_theta"],
        "rope_scaling": None if scaling == {"rope_type": "default"} else scaling,
        "rope_local_base_freq": rope["sliding_attention"]["rope_theta"],
        "sliding_window_pattern": 2,
    }


def drop(*keys):
    return lambda config: without(config, *keys)


def rope(kind, theta=10000.0, **others):
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=theta, **others))


llama3 = rope("llama3", 5e5, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=20)
yarn = rope("yarn", factor=4.0, original_max_position_embeddings=20)
gemma3_rope = dict(rope_parameters=dict(
    full_attention=dict(rope_type="linear", rope_theta=1e6, factor=8.0),
    sliding_attention=dict(rope_type="default", rope_theta=2e4),
))
windows = dict(use_sliding_window=True, sliding_window=4, max_window_layers=1)

# name: (configuration class, its settings, what else is special: method, rank, shape of a batch, padding, rewriting of config.json)
cases = {
    "llama_one_kv_head": ("LlamaConfig", {**plain, "num_key_value_heads": 1, "head_dim": 10, "vocab_size": 131}, dict(rank=3)),
    "llama_all_heads": ("LlamaConfig", {**plain, "num_key_value_heads": 4, "hidden_size": 64, "rms_norm_eps": 1e-3}, dict(rank=7, method="rslora", shape=(2, 31))),
    "llama_left": ("LlamaConfig", {**plain, "tie_word_embeddings": True}, dict(padding="left", method="dora")),
    "llama_old": ("LlamaConfig", {**plain, **rope("default", 7e4)}, dict(rewrite=flat)),
    "llama_one_layer": ("LlamaConfig", {**plain, "num_hidden_layers": 1}, dict(shape=(1, 5), method="vera", rank=24)),
    "llama_scaled_old": ("LlamaConfig", {**plain, **llama3}, dict(rewrite=flat, shape=(2, 60), method="dora")),
    "llama_linear": ("LlamaConfig", {**plain, **rope("linear", factor=3.0)}, dict(shape=(2, 40))),
    "llama_linear_old": ("LlamaConfig", {**plain, **rope("linear", 3e4, factor=2.5)}, dict(rewrite=flat)),
    "llama_dynamic": ("LlamaConfig", {**plain, **rope("dynamic", factor=2.0)}, {}),
    "llama_yarn": ("LlamaConfig", {**plain, **yarn}, dict(shape=(2, 60))),
    "llama_yarn_old": ("LlamaConfig", {**plain, **rope("yarn", factor=8.0, original_max_position_embeddings=10, beta_fast=16, beta_slow=2, attention_factor=1.3)}, dict(rewrite=flat, shape=(2, 60))),
    "llama_partial": ("LlamaConfig", {**plain, **rope("default", partial_rotary_factor=0.5)}, {}),
    "llama_bf16": ("LlamaConfig", plain, dict(stored="bfloat16")),
    "gpt2_f16": ("GPT2Config", gpt2, dict(stored="float16", method="dora")),
    "gemma2_bf16": ("Gemma2Config", {**plain, "head_dim": 12, "sliding_window": 4}, dict(stored="bfloat16")),
    "llama_pissa": ("LlamaConfig", plain, dict(method="pissa", rank=5)),
    "mistral_window": ("MistralConfig", {**plain, "sliding_window": 3, "head_dim": 16}, dict(shape=(2, 23))),
    "mistral_null_window_old": ("MistralConfig", {**plain, "sliding_window": None, **rope("default", 1e6)}, dict(rewrite=flat)),
    "mistral_left": ("MistralConfig", {**plain, "sliding_window": 4}, dict(padding="left")),
    "mistral_default_heads": ("MistralConfig", {**plain, "hidden_size": 64, "num_attention_heads": 16, "num_key_value_heads": 8}, dict(rewrite=drop("num_key_value_heads"))),
    "qwen2_window": ("Qwen2Config", {**plain, **windows}, dict(shape=(2, 19))),
    "qwen2_window_old": ("Qwen2Config", {**plain, **windows, "tie_word_embeddings": True}, dict(rewrite=flat)),
    "qwen2_types": ("Qwen2Config", {**plain, **windows, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}, {}),
    "qwen2_unused_window": ("Qwen2Config", {**plain, "sliding_window": 4, "max_window_layers": 1}, dict(rewrite=lambda c: {**c, "sliding_window": 4})),
    "qwen2_yarn_old": ("Qwen2Config", {**plain, **yarn}, dict(rewrite=flat, shape=(2, 50))),
    "qwen3_wide_heads": ("Qwen3Config", {**plain, "head_dim": 18, "num_key_value_heads": 1, "attention_bias": True}, dict(method="dora")),
    "qwen3_window_old": ("Qwen3Config", {**plain, **windows, "head_dim": 12}, dict(rewrite=flat, shape=(2, 19))),
    "qwen3_default_width": ("Qwen3Config", {**plain, "head_dim": 128}, dict(rewrite=drop("head_dim"))),
    "smollm3_layers": ("SmolLM3Config", {**plain, "no_rope_layers": [0, 1, 1]}, dict(shape=(2, 20))),
    "smollm3_interval": ("SmolLM3Config", {**plain, "no_rope_layer_interval": 3, **rope("default", 5e6)}, dict(rewrite=lambda c: without(flat(c), "no_rope_layers"))),
    "smollm3_window": ("SmolLM3Config", {**plain, "no_rope_layer_interval": 2, "use_sliding_window": True, "sliding_window": 3}, {}),
    "smollm3_window_old": ("SmolLM3Config", {**plain, "no_rope_layer_interval": 2, "use_sliding_window": True, "sliding_window": 3, **rope("default", 5e6)}, dict(rewrite=lambda c: without(flat(c), "no_rope_layers"))),
    "smollm3_tied_by_default": ("SmolLM3Config", plain, dict(rewrite=lambda c: {**without(c, "tie_word_embeddings"), "max_window_layers": 28, "pretraining_tp": 2})),
    "smollm3_untied": ("SmolLM3Config", {**plain, "tie_word_embeddings": False, "attention_bias": True, "mlp_bias": True}, {}),
    "olmo2_old": ("Olmo2Config", {**plain, **rope("default", 5e5)}, dict(rewrite=flat, shape=(2, 19))),
    "olmo2_one_kv_head": ("Olmo2Config", {**plain, "num_key_value_heads": 1, "head_dim": 18, "rms_norm_eps": 1e-3}, dict(method="dora", rank=3)),
    "olmo2_bias_tied_left": ("Olmo2Config", {**plain, "attention_bias": True, "tie_word_embeddings": True}, dict(padding="left")),
    "olmo2_scaled_old": ("Olmo2Config", {**plain, **llama3}, dict(rewrite=flat, shape=(2, 60), method="vera", rank=24)),
    "olmo2_bf16": ("Olmo2Config", {**plain, "num_key_value_heads": 4}, dict(stored="bfloat16", rewrite=drop("num_key_value_heads", "rms_norm_eps"))),
    "phi3_window": ("Phi3Config", {**plain, "sliding_window": 5}, dict(shape=(2, 21), method="dora")),
    "phi3_partial": ("Phi3Config", {**plain, "hidden_size": 64, **rope("default", partial_rotary_factor=0.75)}, {}),
    "phi3_partial_old": ("Phi3Config", {**plain, "hidden_size": 64, **rope("default", partial_rotary_factor=0.5)}, dict(rewrite=flat)),
    "phi3_longrope": ("Phi3Config", {**plain, "original_max_position_embeddings": 40, **rope("longrope", partial_rotary_factor=1.0, short_factor=[1.0, 1.1, 1.2, 1.3, 1.4, 1.5], long_factor=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])}, {}),
    "gemma2_defaults": ("Gemma2Config", {**plain, "head_dim": 12, "sliding_window": 4, "query_pre_attn_scalar": 9}, dict(rewrite=drop("attn_logit_softcapping", "final_logit_softcapping", "tie_word_embeddings"))),
    "gemma2_no_caps": ("Gemma2Config", {**plain, "head_dim": 10, "num_key_value_heads": 1, "sliding_window": 4, "attn_logit_softcapping": None, "final_logit_softcapping": None}, {}),
    "gemma2_tight_caps": ("Gemma2Config", {**plain, "head_dim": 14, "sliding_window": 4, "attn_logit_softcapping": 0.7, "final_logit_softcapping": 2.0, "attention_bias": True}, dict(shape=(2, 17), method="dora")),
    "gemma2_old": ("Gemma2Config", {**plain, "head_dim": 16, "sliding_window": 3, "tie_word_embeddings": False}, dict(rewrite=flat)),
    "gemma2_gelu": ("Gemma2Config", {**plain, "head_dim": 16, "hidden_activation": "gelu", "layer_types": ["full_attention", "full_attention", "sliding_attention"], "sliding_window": 4}, {}),
    "gemma3_linear": ("Gemma3TextConfig", {**plain, "head_dim": 12, "sliding_window": 4, **gemma3_rope, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}, dict(shape=(2, 25))),
    "gemma3_linear_old": ("Gemma3TextConfig", {**plain, "head_dim": 12, "sliding_window": 4, **gemma3_rope, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}, dict(rewrite=flat_gemma3)),
    "gemma3_caps": ("Gemma3TextConfig", {**plain, "head_dim": 12, "sliding_window": 4, "attn_logit_softcapping": 0.7, "final_logit_softcapping": 2.0}, {}),
    "gemma3_one_kv_head": ("Gemma3TextConfig", {**plain, "head_dim": 20, "num_key_value_heads": 1, "sliding_window": 3, "tie_word_embeddings": False}, dict(method="vera", rank=8)),
    "gpt2_odd": ("GPT2Config", gpt2, dict(shape=(2, 17), method="dora")),
    "gpt2_relu": ("GPT2Config", {**gpt2, "activation_function": "relu", "n_inner": 50, "layer_norm_epsilon": 1e-3}, {}),
    "gpt2_silu_unscaled": ("GPT2Config", {**gpt2, "activation_function": "silu", "scale_attn_weights": False}, {}),
    "gpt2_by_layer": ("GPT2Config", {**gpt2, "scale_attn_by_inverse_layer_idx": True, "reorder_and_upcast_attn": True}, dict(method="pissa")),
    "gpt2_left": ("GPT2Config", gpt2, dict(padding="left")),
    "bert_five": ("BertConfig", {**encoder, "pad_token_id": 0}, dict(rank=3, shape=(4, 9))),
    "bert_relu": ("BertConfig", {**encoder, "pad_token_id": 0, "hidden_act": "relu", "type_vocab_size": 1, "layer_norm_eps": 1e-3}, dict(method="dora")),
    "bert_two_labels": ("BertConfig", {**without(encoder, "num_labels"), "pad_token_id": 0}, {}),
    "roberta_odd": ("RobertaConfig", {**encoder, "pad_token_id": 3, "bos_token_id": 1, "eos_token_id": 2, "type_vocab_size": 1}, dict(method="vera", rank=6)),
    "roberta_usual": ("RobertaConfig", {**encoder, "pad_token_id": 1, "num_labels": 3, "hidden_act": "gelu_new"}, dict(shape=(3, 20))),
}


def batches_of(config, is_classifier, shape, padding):
    rows, length = shape
    made = []
    for _ in range(4):
        ids = torch.randint(4, config.vocab_size, shape)
        mask = torch.ones(shape, dtype=torch.long)
        for row in range(rows):
            kept = length if row == 0 else int(torch.randint(max(2, length // 2), length + 1, ()))
            mask[row, kept:] = 0
        if padding == "left":
            mask = mask.flip(1)
        ids = torch.where(mask == 1, ids, torch.tensor(config.pad_token_id or 0))
        if is_classifier:
            labels = torch.randint(0, config.num_labels, (rows,))
        else:
            labels = torch.where((mask == 1) & (torch.rand(shape) > 0.2), ids, -100)
        made.append({"input_ids": ids, "attention_mask": mask, "labels": labels})
    return made


def adapter_of(method, rank, targets, kind):
    if method == "vera":
        return VeraConfig(r=rank, target_modules=targets, projection_prng_key=3, d_initial=0.1, task_type=kind)
    options = {"rslora": dict(use_rslora=True), "dora": dict(use_dora=True), "pissa": dict(init_lora_weights="pissa")}
    return LoraConfig(r=rank, lora_alpha=11, target_modules=targets, task_type=kind, **options.get(method, {}))


def make(name, class_name, settings, special):
    torch.manual_seed(zlib.crc32(name.encode()))
    config = getattr(transformers, class_name)(**settings)
    is_classifier = class_name in ("BertConfig", "RobertaConfig")
    auto = transformers.AutoModelForSequenceClassification if is_classifier else transformers.AutoModelForCausalLM
    folder = directory / name
    model = auto.from_config(config, attn_implementation="eager").float().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            # transformers starts biases at zero and norms at one, where a mistake would not show.
            parameter.add_(torch.randn_like(parameter) * 0.1) if parameter.ndim == 1 else parameter.mul_(4)
    folder.mkdir(parents=True, exist_ok=True)
    model.to(getattr(torch, special.get("stored", "float32"))).save_pretrained(folder / "model")
    file = folder / "model" / "config.json"
    file.write_text(json.dumps(special.get("rewrite", dict)(json.loads(file.read_text()))))
    # What transformers itself makes of the rewritten file is the reference.
    model = auto.from_pretrained(folder / "model", attn_implementation="eager", dtype=torch.float32).eval()
    batches = batches_of(config, is_classifier, special.get("shape", (3, 12)), special.get("padding", "right"))
    (folder / "batches.json").write_text(json.dumps([{k: v.tolist() for k, v in b.items()} for b in batches]))
    with torch.no_grad():
        base = model(**batches[0])
    save_file({"logits": base.logits.contiguous()}, folder / "logits.safetensors")

    method, rank = special.get("method", "lora"), special.get("rank", 4)
    targets = {
        "GPT2Config": ["c_attn", "c_proj", "c_fc"],
        "BertConfig": ["query", "key", "value", "dense"], "RobertaConfig": ["query", "key", "value", "output.dense"],
        "Phi3Config": ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"],
    }.get(class_name, decoder_targets)
    if method == "vera":
        # One pair of projections serves layers of all sizes; PEFT wants them of one form with GPT-2's.
        targets = targets[:2] if not is_classifier else ["query", "value"]
    if class_name == "BertConfig":
        targets = ".*(query|key|value|attention.output.dense|intermediate.dense|layer.*output.dense)"
    adapted = get_peft_model(model, adapter_of(method, rank, targets, None if is_classifier else "CAUSAL_LM")).eval()
    adapted.save_pretrained(folder / method / "init")
    (folder / method / "init" / "README.md").unlink(missing_ok=True)
    parameters = [p for p in adapted.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=3e-3, weight_decay=0.02, betas=(0.8, 0.95))
    losses, norms = [], []
    for index in range(steps):
        optimizer.zero_grad()
        loss = adapted(**batches[index % len(batches)]).loss
        loss.backward()
        losses.append(loss.item())
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, 0.7).item())
        optimizer.step()
    with torch.no_grad():
        save_file({"logits": adapted(**batches[0]).logits.contiguous()}, folder / method / "final_logits.safetensors")
    (folder / "expected.json").write_text(json.dumps({
        "loss": base.loss.item(),
        "optimizer": {"lr": 3e-3, "betas": [0.8, 0.95], "eps": 1e-8, "weight_decay": 0.02},
        "clip_grad_norm": 0.7,
        "steps": steps,
        "methods": {method: {"losses": losses, "grad_norms": norms, "trainable": sum(p.numel() for p in parameters)}},
    }))


for name, (class_name, settings, special) in cases.items():
    if wanted and name not in wanted:
        continue
    try:
        make(name, class_name, settings, special)
        print(name)
    except Exception as error:
        print(f"{name}: NOT MADE: {type(error).__name__}: {error}")
