"""Help: at once, with examples that name real commands and options, and the same as docs/cli.md says."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from nspl_opt.cli.app import app
from nspl_opt.cli.texts import keys, say

ROOT = Path(__file__).resolve().parent.parent.parent
ROOT_COMMAND = typer.main.get_command(app)


def flat(group, before=""):
    """Every command by its whole name, those of groups too: ``store keys issue``."""
    found = {}
    for name, one in group.commands.items():
        found |= flat(one, f"{before}{name} ") if hasattr(one, "commands") else {f"{before}{name}": one}
    return found


ALL = flat(ROOT_COMMAND)
COMMANDS = sorted(ALL)


def options_of(name):
    return {word for one in ALL[name].params for word in one.opts if word.startswith("--")}


def command_of(words):
    """The command that an example runs."""
    return next((name for name in COMMANDS if words[: len(name.split())] == name.split()), None)


def test_the_commands_are_those_of_the_design():
    wanted = ["agreements", "check", "compare", "cost-share", "dispatch", "explain", "models", "new", "plan", "report"]
    wanted += ["scenarios", "serve", "store audit-verify", "store backup", "store create", "store keys issue"]
    wanted += ["store keys list", "store keys revoke", "store migrate", "store restore", "sweep", "verify", "what-if"]
    assert wanted == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_has_examples_that_fit_its_options(name, call):
    ran = call(*name.split(), "--help")
    assert ran.code == 0
    examples = re.findall(r"^    nspl-opt (.+)$", ran.out, re.M)
    assert len(examples) >= 2
    for example in examples:
        words = shlex.split(example)
        assert command_of(words)
        assert {word for word in words if word.startswith("--")} <= options_of(command_of(words))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_stands_in_the_documentation(name):
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert f"nspl-opt {name}" in text
    assert not {option for option in options_of(name) if option not in text}


def test_help_and_refusals_of_usage_load_nothing_heavy():
    code = (
        "import sys\nfrom nspl_opt.cli import main\n"
        "sys.argv = ['nspl-opt', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'pandas', 'numpy', 'pyomo', 'geopandas', 'scipy', 'networkx', 'highspy', 'openpyxl', 'jinja2'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    for line in ("--help", "plan --help", "--version", "plna", "plan x --out p --set y"):
        command = [sys.executable, "-c", code, *line.split()]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
        assert ran.returncode == 0, ran.stderr


def test_without_arguments_the_commands_are_shown(call):
    ran = call()
    assert "cost-share" in ran.out + ran.err


def test_every_text_is_there_in_both_languages():
    for key in keys():
        swedish, english = say(key, "sv"), say(key, "en")
        assert swedish and english
        assert set(re.findall(r"{(\w+)", swedish)) == set(re.findall(r"{(\w+)", english))


def test_every_step_of_a_solve_has_its_word():
    sources = [file.read_text(encoding="utf-8") for file in sorted((ROOT / "nspl_opt" / "solver").glob("*.py"))]
    steps = {step for text in sources for step in re.findall(r'\.news\(\w+, "(\w+)"', text)}
    assert {"relaxation", "held"} <= steps
    assert not {step for step in steps if f"stage.{step}" not in keys()}


def test_every_stage_of_the_pipeline_has_its_word():
    source = (ROOT / "nspl_opt" / "pipeline.py").read_text(encoding="utf-8")
    stages = set(re.findall(r'clock\.stage\("(\w+)"\)', source))
    assert len(stages) > 5
    assert not {stage for stage in stages if f"stage.{stage}" not in keys()}
