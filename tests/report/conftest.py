"""One sample plan for every test of this folder."""

from __future__ import annotations

import pytest

from tests.report import sample as made


@pytest.fixture(scope="session")
def sample():
    return made


@pytest.fixture(scope="session")
def situation(sample):
    return sample.sample_situation()


@pytest.fixture(scope="session")
def plan(sample, situation):
    return sample.sample_plan(situation)


@pytest.fixture(scope="session")
def reference(sample, situation, tmp_path_factory):
    return sample.sample_reference(situation, tmp_path_factory.mktemp("geo"))
