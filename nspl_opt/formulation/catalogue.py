"""The model files there are, by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nspl_opt.formulation.spec import ModelSpec, read_model_file
from nspl_opt.problems import InvalidInput, Problem, did_you_mean
from nspl_opt.shipped import shipped_dir


def list_models() -> dict[str, Path]:
    """Shipped model files by name, sorted."""
    return {path.stem: path for path in sorted(shipped_dir("models").glob("*.toml"))}


def load_model(name_or_path: str | Path, overrides: Mapping[str, str] | None = None) -> ModelSpec:
    """A shipped model by name, or a model file by its path."""
    models = list_models()
    if str(name_or_path) in models:
        return read_model_file(models[str(name_or_path)], overrides)
    path = Path(name_or_path)
    if path.suffix == ".toml" or path.exists():
        return read_model_file(path, overrides)
    remedy = did_you_mean(str(name_or_path), models)
    raise InvalidInput("model", [Problem("M100", f"--model {name_or_path}", "there is no such model", remedy)])
