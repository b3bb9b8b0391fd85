"""``python -m nspl_opt`` is ``nspl-opt``."""

from nspl_opt.cli import main

if __name__ == "__main__":
    main()
