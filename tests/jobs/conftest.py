"""Supervisors that are closed when the test ends, and the small country of the command line's tests."""

import pytest

from nspl_opt.jobs.process import Limits
from nspl_opt.jobs.supervisor import Jobs

from ..cli.country import small_reference, small_scenario
from .children import soon

QUICK = Limits(grace_s=0.3, grace_share=0.0, stop_s=0.3, close_s=0.3, term_s=0.3)


@pytest.fixture
def supervise(tmp_path):
    """Make supervisors, impatient ones unless told otherwise."""
    made = []

    def make(command=None, root=tmp_path / "jobs", **options):
        more = {} if command is None else {"command": command}
        jobs = Jobs(root, **{"limits": QUICK} | more | options)
        made.append(jobs)
        return jobs

    yield make
    for jobs in made:
        jobs.close()


@pytest.fixture
def heard():
    """Wait until a stage of a job has been told."""

    def wait(jobs, name, stage, seconds=30.0):
        assert soon(lambda: any(stage in one.stage for one in jobs.news(name)) or jobs.result(name), seconds)
        assert jobs.result(name) is None, jobs.result(name)

    return wait


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """A folder with a small country in ``reference`` and a small scenario in ``scenario``."""
    folder = tmp_path_factory.mktemp("small")
    small_reference(folder / "reference")
    small_scenario(folder / "scenario")
    return folder
