"""One sample plan for every test of this folder."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest


def _load_sample():
    name = "report_sample"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / "report" / "sample.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def sample():
    return _load_sample()


@pytest.fixture(scope="session")
def situation(sample):
    return sample.sample_situation()


@pytest.fixture(scope="session")
def plan(sample, situation):
    return sample.sample_plan(situation)
