"""NoRA in plain PyTorch, for the reference runs: y = base(x) + (alpha / inner rank) B inner_B inner_A A x with A and B frozen."""
import torch

parts = ("A", "B", "inner_A", "inner_B")


class Nora(torch.nn.Module):
    """Around a linear layer, with tensors by the names in `parts`."""

    def __init__(self, base, tensors, scaling):
        super().__init__()
        self.base, self.scaling = base, scaling
        for name in parts:
            self.register_parameter(name, torch.nn.Parameter(tensors[name], requires_grad=name.startswith("inner")))

    def forward(self, x):
        return self.base(x) + x @ self.A.T @ self.inner_A.T @ self.inner_B.T @ self.B.T * self.scaling


def adapt(model, tensors, scaling):
    """Puts an adapter, given as {module.part: tensor}, on a model whose other weights stay as they are."""
    model.requires_grad_(False)
    for module in {name.rsplit(".", 1)[0]: None for name in tensors}:
        parent, _, name = module.rpartition(".")
        own = {part: tensors[f"{module}.{part}"].clone() for part in parts}
        setattr(model.get_submodule(parent), name, Nora(model.get_submodule(module), own, scaling))
    return model
