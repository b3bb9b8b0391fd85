"""What ``import nspl_opt`` offers."""

import subprocess
import sys

import pytest

import nspl_opt


@pytest.mark.parametrize("name", nspl_opt.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(nspl_opt, name).__doc__
    assert name in dir(nspl_opt)


def test_a_name_that_is_not_there_says_so():
    with pytest.raises(AttributeError, match="plan_everything"):
        _ = nspl_opt.plan_everything


def test_importing_the_package_loads_nothing_of_it():
    code = "import sys, nspl_opt; assert not [m for m in sys.modules if m.startswith(('nspl_opt.', 'numpy'))]"
    assert subprocess.run([sys.executable, "-c", code], timeout=30).returncode == 0
