"""Hyperparameters as people have them: RL Baselines3 Zoo's calls as text, classes by name, floats for whole numbers.

Nothing is evaluated. What is not understood is an error that says what to write.
"""

import ast
from typing import Any

_CLASSES = {
    **{name.lower(): name.lower() for name in ("ReLU", "ELU", "Tanh", "SiLU", "GELU")},
    "swish": "silu",
    "adam": "adam",
    "adamw": "adamw",
}
"""Activations and optimizers by the last part of their names in torch, flax, jax and optax, in small letters."""
_WHOLE = (
    "batch_size", "buffer_size", "gradient_steps", "learning_starts", "n_critics", "n_epochs", "n_minibatches",
    "n_quantiles", "n_steps", "policy_delay", "sde_sample_freq", "target_update_interval", "train_freq",
)  # fmt: skip


def plain_hyperparameters(written: dict[str, Any]) -> dict[str, Any]:
    """`written` with `policy_kwargs` as a mapping, classes by the names used here, and whole numbers as such.

    Raises:
        ValueError: One is text that is no plain value, or no whole number where one is needed.
    """
    plain = {name: _whole(name, value) if name in _WHOLE else value for name, value in written.items()}
    kwargs = plain.get("policy_kwargs")
    if isinstance(kwargs, str):
        kwargs = literal(kwargs)
        if not isinstance(kwargs, dict):
            raise ValueError(
                f"policy_kwargs is {written['policy_kwargs']!r}: write a mapping, {{net_arch: [256, 256]}}"
            )
    if isinstance(kwargs, dict):
        plain["policy_kwargs"] = {
            name: known_class(value) if name in ("activation_fn", "optimizer_class") else value
            for name, value in kwargs.items()
        }
    return plain


def literal(text: str) -> Any:
    """The value of an expression of literals, `dict(...)` and names of known classes, as the Zoo's files have them.

    Raises:
        ValueError: It is more than that.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"{text!r} is no value: {error.msg}") from error
    return _value(tree.body, text)


def known_class(name: Any) -> Any:
    """`elu` for `nn.ELU`, `torch.nn.ELU` or `flax.linen.elu`; what is no dotted name stays."""
    if not isinstance(name, str) or "." not in name:
        return name
    last = name.rpartition(".")[2].lower()
    if last not in _CLASSES:
        raise ValueError(f"{name} is not known here: write one of {', '.join(dict.fromkeys(_CLASSES.values()))}")
    return _CLASSES[last]


def _value(node: ast.expr, text: str) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_value(part, text) for part in parts]
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {_value(key, text): _value(part, text) for key, part in zip(keys, values, strict=True) if key}
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords) if all(k.arg for k in keywords):
            return {str(keyword.arg): _value(keyword.value, text) for keyword in keywords}
        case ast.Attribute():
            return known_class(ast.unparse(node))
    raise ValueError(
        f"{text!r} is more than plain values ({ast.unparse(node)!r} would have to be run): write a mapping of numbers, "
        "lists and names"
    )


def _whole(name: str, value: Any) -> Any:
    if not isinstance(value, float):
        return value
    if not value.is_integer():
        raise ValueError(f"{name} is {value:g}: it must be a whole number")
    return int(value)
