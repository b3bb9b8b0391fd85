"""The sample plan of the report's tests, for every test of this folder."""

from tests.report.conftest import plan, sample, situation  # noqa: F401
