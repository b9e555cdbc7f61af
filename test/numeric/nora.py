"""
NoRA in plain PyTorch, for the reference runs: y = base(x) + (alpha / inner rank) B inner_B inner_A A x with A and B frozen. They start
as a factorisation of W that weighs each input by how large it is: the singular values of W diag(scale), scale divided out again.
A convolution is a linear layer of its input unfolded: W is (out x in k k), A (rank x in k k).
"""
import math

import torch

parts = ("A", "B", "inner_A", "inner_B")


class Nora(torch.nn.Module):
    """Around a linear layer or a convolution, with tensors by the names in `parts`."""

    def __init__(self, base, tensors, scaling):
        super().__init__()
        self.base, self.scaling = base, scaling
        for name in parts:
            self.register_parameter(name, torch.nn.Parameter(tensors[name], requires_grad=name.startswith("inner")))

    def forward(self, x):
        if isinstance(self.base, torch.nn.Conv2d):
            right = (self.inner_A @ self.A).unflatten(1, self.base.weight.shape[1:])
            left = (self.B @ self.inner_B)[:, :, None, None]
            narrow = torch.nn.functional.conv2d(x, right, None, self.base.stride, self.base.padding)
            return self.base(x) + torch.nn.functional.conv2d(narrow, left) * self.scaling
        return self.base(x) + x @ self.A.T @ self.inner_A.T @ self.inner_B.T @ self.B.T * self.scaling


def adapt(model, tensors, scaling):
    """Puts an adapter, given as {module.part: tensor}, on a model whose other weights stay as they are."""
    model.requires_grad_(False)
    for module in {name.rsplit(".", 1)[0]: None for name in tensors}:
        parent, _, name = module.rpartition(".")
        own = {part: tensors[f"{module}.{part}"].clone() for part in parts}
        setattr(model.get_submodule(parent), name, Nora(model.get_submodule(module), own, scaling))
    return model


def unfolded(module, x):
    """What a module's weight is multiplied by, as rows (... x in)."""
    if not isinstance(module, torch.nn.Conv2d):
        return x
    return torch.nn.functional.unfold(x, module.kernel_size, padding=module.padding, stride=module.stride).transpose(1, 2)


def mean_sizes(model, modules, batches):
    """Mean |x_i| of each module's inputs over all rows (positions of texts that are no padding, patches, whole inputs), in float64."""
    sums, rows, mask = {}, {}, None
    def add(module, name):
        def hook(_, inputs):
            x = unfolded(module, inputs[0])
            kept = x[mask.bool()] if mask is not None and x.shape[:-1] == mask.shape else x.flatten(0, -2)
            sums[name] = sums.get(name, 0) + kept.double().abs().sum(0)
            rows[name] = rows.get(name, 0) + len(kept)
        return module.register_forward_pre_hook(hook)
    hooks = [add(model.get_submodule(name), name) for name in modules]
    with torch.no_grad():
        for batch in batches:
            mask = batch.get("attention_mask")
            model(**batch)
    for hook in hooks:
        hook.remove()
    return {name: total / rows[name] for name, total in sums.items()}


def start(model, targets, batches, outer_rank, inner_rank, floor=1e-6, exponent=0.5):
    """The tensors of an adapter before its first step, of linear layers by the ends of their names."""
    modules = [name for name, _ in model.named_modules() if any(f".{name}".endswith(f".{end}") for end in targets)]
    tensors = {}
    for name, size in mean_sizes(model, modules, batches).items():
        scale = size.clamp(min=floor) ** exponent
        weight = model.get_submodule(name).weight.double().flatten(1)
        u, sigma, vt = torch.linalg.svd(weight * scale, full_matrices=False)
        inner_a = torch.empty(inner_rank, outer_rank)
        torch.nn.init.kaiming_uniform_(inner_a, a=math.sqrt(5))
        tensors |= {
            f"{name}.A": (vt[:outer_rank] / scale).float().contiguous(),
            f"{name}.B": (u[:, :outer_rank] * sigma[:outer_rank]).float().contiguous(),
            f"{name}.inner_A": inner_a,
            f"{name}.inner_B": torch.zeros(outer_rank, inner_rank),
        }
    return tensors
