"""The command line. ``main`` is what ``nspl-opt`` runs."""

from nspl_opt.cli.app import main

__all__ = ["main"]
