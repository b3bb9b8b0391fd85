"""Writes api/openapi.json from the code: the description of the service that a test compares with it."""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Make an application over an empty store, and write what it says of itself."""
    from api.app import create_app
    from api.desk import Desk
    from api.openapi import description_text
    from api.services import make_services
    from api.settings import Settings
    from nspl_opt.store.store import Store

    with tempfile.TemporaryDirectory() as place:
        store = Store.create(f"sqlite:///{place}/store.sqlite", "live")
        try:
            settings = Settings(work_dir=Path(place))
            app = create_app(settings, services=make_services(settings, store, Desk(settings, store)))
            (ROOT / "api" / "openapi.json").write_text(description_text(app), encoding="utf-8")
        finally:
            store.close()


if __name__ == "__main__":
    main()
