"""Scenario folders that must be refused: each is the template with one thing wrong.

``HOSTILE`` holds (name, code of the problem, words of the message, what is done to the folder).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[2] / "data" / "scenarios" / "template"
Change = Callable[[Path], None]


def make_hostile(folder: Path, change: Change) -> Path:
    """A copy of the template in ``folder``, spoilt."""
    folder.mkdir(parents=True)
    for file in sorted(TEMPLATE.iterdir()):
        (folder / file.name).write_bytes(file.read_bytes())
    change(folder)
    return folder


def swap(file: str, old: str, new: str | bytes) -> Change:
    """One text for another in a file of the folder; the old one must be there."""

    def change(folder: Path) -> None:
        content = (folder / file).read_bytes()
        before = old.encode()
        assert before in content, f"{old!r} is not in {file}"
        after = new if isinstance(new, bytes) else new.encode("utf-8", "surrogatepass")
        (folder / file).write_bytes(content.replace(before, after, 1))

    return change


def toml(old: str, new: str | bytes) -> Change:
    return swap("scenario.toml", old, new)


def rows(old: str, new: str | bytes) -> Change:
    return swap("demand.csv", old, new)


def put(file: str, content: bytes) -> Change:
    return lambda folder: (folder / file).write_bytes(content) and None


def add(text: str) -> Change:
    def change(folder: Path) -> None:
        with open(folder / "scenario.toml", "a", encoding="utf-8") as stream:
            stream.write("\n" + text)

    return change


def instead(file: str, make: Callable[[Path], object]) -> Change:
    """Something that is no regular file in the place of a file."""

    def change(folder: Path) -> None:
        (folder / file).unlink()
        make(folder / file)

    return change


def recode(file: str, encoding: str) -> Change:
    def change(folder: Path) -> None:
        (folder / file).write_bytes((folder / file).read_text(encoding="utf-8").encode(encoding, "replace"))

    return change


def truncated(part: float) -> Change:
    def change(folder: Path) -> None:
        content = (folder / "scenario.toml").read_bytes()
        (folder / "scenario.toml").write_bytes(content[: int(len(content) * part)])

    return change


def cut_after(text: str) -> Change:
    def change(folder: Path) -> None:
        content = (folder / "scenario.toml").read_text(encoding="utf-8")
        (folder / "scenario.toml").write_text(content[: content.index(text) + len(text)], encoding="utf-8")

    return change


SHARE = "occupancy_share = 0.75"
WINDOW = "from_h = 24\nto_h = 96"
ROW = "0,24,18,icu_general,24,civilian"
SURGE = '[[surge_changes]]\nbed_type = "icu"\nstage = {}\nlead_h = 1\n'
CLOSE = '[[closures]]\nname = "x"\nfrom_h = 0\nto_h = 12\n{}\n'
FACTOR = 'staff_factor = { place = "18", profession = "all", factor = 0.82 }'
CHANGE = '[[category_changes]]\ncategory = "{}"\n{}\nbasis = "estimate"\nsource = "x"\n'

FIGURES = [
    ("share-nan", "S105", "finite", toml(SHARE, "occupancy_share = nan")),
    ("share-inf", "S105", "finite", toml(SHARE, "occupancy_share = inf")),
    ("share-minus-inf", "S105", "finite", toml(SHARE, "occupancy_share = -inf")),
    ("share-1e400", "S105", "finite", toml(SHARE, "occupancy_share = 1e400")),
    ("share-negative", "S105", "from 0 to 1", toml(SHARE, "occupancy_share = -0.1")),
    ("share-above-one", "S105", "from 0 to 1", toml(SHARE, "occupancy_share = 75")),
    ("share-text", "S105", "without quotes", toml(SHARE, 'occupancy_share = "0.75"')),
    ("share-true", "S105", "true", toml(SHARE, "occupancy_share = true")),
    ("share-binary-dust", "S105", "six decimals|6 decimals", toml(SHARE, "occupancy_share = 0.30000000000000004")),
    ("share-comma", "S101", "line", toml(SHARE, "occupancy_share = 0,75")),
    ("hour-2-63", "S105", "smaller|from 0", toml("from_h = 24", "from_h = 9223372036854775808")),
    ("hour-5000-digits", "S101", "digits", toml("from_h = 24", f"from_h = {'9' * 5000}")),
    ("hour-half", "S105", "whole number", toml("from_h = 24", "from_h = 24.5")),
    ("factor-huge", "S105", "from 0 to 100", toml("factor = 0.82", "factor = 1e15")),
    ("grid-zero", "S105", "period lasts", toml("days = 7 ", "grid = [[0, 8]] ")),
    ("grid-too-many", "S105", "400", toml("days = 7 ", "grid = [[1, 401]] ")),
    ("grid-too-long", "S105", "400 days", toml("days = 7 ", "grid = [[168, 60]] ")),
    ("grid-empty", "S105", "list of period lengths", toml("days = 7 ", "grid = [] ")),
    ("grid-and-days", "S105", "both given", toml("days = 7 ", "days = 7\ngrid = [[6, 28]] ")),
    ("no-time-at-all", "S103", "days = 7, or grid", toml("days = 7 ", "")),
    ("days-none", "S105", "1 to 392", toml("days = 7 ", "days = 0 ")),
    ("days-half", "S105", "1 to 392", toml("days = 7 ", "days = 6.5 ")),
    ("days-text", "S105", "without quotes", toml("days = 7 ", 'days = "7" ')),
    ("grid-text", "S105", "list of period lengths", toml("days = 7 ", 'grid = "6hx28" ')),
    ("patients-nan", "S909", "finite", rows(ROW, "0,24,18,icu_general,NaN,civilian")),
    ("patients-inf", "S909", "finite", rows(ROW, "0,24,18,icu_general,inf,civilian")),
    ("patients-negative", "S910", "outside", rows(ROW, "0,24,18,icu_general,-1,civilian")),
    ("patients-too-many", "S910", "100000", rows(ROW, "0,24,18,icu_general,100001,civilian")),
    ("patients-1e-9", "S110", "six decimals", rows(ROW, "0,24,18,icu_general,1e-9,civilian")),
    ("patients-comma", "S909", "decimal comma", rows(ROW, '0,24,18,icu_general,"3,5",civilian')),
    ("patients-spaced", "S909", "1000", rows(ROW, "0,24,18,icu_general,1 000,civilian")),
    ("patients-arabic-digits", "S909", "0-9", rows(ROW, "0,24,18,icu_general,٢٤,civilian")),
    ("patients-empty", "S913", "empty", rows(ROW, "0,24,18,icu_general,,civilian")),
]

WORDS = [
    ("title-control-character", "S105", "U+0007", toml('title_sv = "', r'title_sv = "\u0007')),
    ("title-right-to-left", "S105", "U+202E", toml('title_sv = "', 'title_sv = "\u202e')),
    ("title-empty", "S105", "empty", toml('title_en = "EXERCISE: many severely ill in one region"', 'title_en = ""')),
    ("title-too-long", "S105", "200", toml('title_sv = "', 'title_sv = "' + "å" * 300)),
    ("title-surrogate", "S101", "line", toml('title_sv = "', r'title_sv = "\ud800')),
    ("title-nul", "S902", "NUL", toml("ÖVNING", b"\x00")),
    ("title-personal-number", "S105", "personal", toml('title_sv = "', 'title_sv = "19121212-1212 ')),
    ("name-path", "S105", "a-z", toml('name = "ny-ovning"', 'name = "../ny"')),
    ("name-capitals", "S105", "a-z", toml('name = "ny-ovning"', 'name = "Övning"')),
    ("marking-unknown", "S105", "exercise", toml('marking = "exercise"', 'marking = "exercis"')),
    ("code-formula", "S908", "formula", rows(ROW, "0,24,=1+1,icu_general,24,civilian")),
]

STRUCTURE = [
    ("toml-empty", "S103", "missing", put("scenario.toml", b"")),
    ("toml-utf-16", "S902", "UTF-8", recode("scenario.toml", "utf-16")),
    ("toml-cp1252", "S902", "UTF-8", recode("scenario.toml", "cp1252")),
    ("toml-too-large", "S901", "256000", add("# " + "x" * 300_000)),
    ("toml-many-dots", "S102", "dots", add(".".join("a" * 21) + ".b = 1")),
    ("toml-42-seconds", "S102", "dots", add("a." * 50_000 + "a = 1")),
    ("toml-deep-lists", "S102", "deep", add("x = " + "[" * 5000 + "]" * 5000)),
    ("toml-deep-tables", "S102", "deep", add("x = " + "{a=" * 200 + "1" + "}" * 200)),
    ("toml-same-key-twice", "S101", "line", add("name = 1\nname = 2")),
    ("toml-json", "S101", "line", put("scenario.toml", b'{"name": "x"}')),
    ("toml-cut-in-a-word", "S101", "TOML", cut_after('title_sv = "ÖVN')),
    ("toml-carriage-returns", "S101", "TOML", put("scenario.toml", b'name = "x"\rtitle_sv = "y"\r')),
    ("key-unknown", "S104", "did you mean 'categories'", toml("categories =", "categoris =")),
    ("key-unknown-inside", "S104", "did you mean 'occupancy_share'", toml(SHARE, "occupancy_shar = 0.75")),
    ("key-missing", "S103", "start", toml("start = 2027-01-11T06:00:00", "")),
    ("table-instead-of-list", "S105", "list", toml("[[demand]]", "[demand]")),
    ("list-instead-of-table", "S105", "table", toml(FACTOR, "staff_factor = [1]")),
    ("inject-without-change", "S204", "0 kinds", toml(FACTOR, "")),
    ("inject-with-two-changes", "S204", "2 kinds", toml(FACTOR, FACTOR + "\nbeds_factor = { factor = 0 }")),
    ("fleet-of-nothing", "S204", "neither", toml(FACTOR, "fleet_factor = { factor = 0 }")),
    ("closure-of-nothing", "S204", "closes nothing", toml('modes = ["helicopter"]', "")),
    ("change-of-nothing", "S204", "changes nothing", add(CHANGE.format("icu_general", ""))),
    ("same-name-twice", "S203", "already", add(CLOSE.format('modes = ["road"]') * 2)),
    ("csv-empty", "S903", "empty", put("demand.csv", b"")),
    ("csv-header-twice", "S903", "twice", rows("origin_class", "place")),
    ("csv-unknown-column", "S904", "did you mean 'patients'", rows("patients", "patient")),
    ("csv-column-missing", "S906", "columns", rows(ROW, "0,24,18,icu_general")),
    ("csv-semicolons", "S903", "commas", rows("from_h,to_h,place,category,patients,origin_class", "from_h;to_h;place")),
    ("csv-utf-16", "S902", "UTF-8", recode("demand.csv", "utf-16")),
    ("csv-nul", "S902", "NUL", rows("civilian", b"civ\x00lian")),
    ("csv-same-row-twice", "S914", "already", rows(ROW, ROW + "\n" + ROW)),
    ("csv-open-quote", "S906", "quotation", rows(ROW, '0,24,"18,icu_general,24,civilian')),
]

REFERENCES = [
    ("region-without-its-zero", "S302", "did you mean", rows(ROW, "0,24,1,icu_general,24,civilian")),
    ("region-unknown", "S302", "'99'", rows(ROW, "0,24,99,icu_general,24,civilian")),
    ("category-not-listed", "S205", "icu_covid", rows(ROW, "0,24,18,icu_covid,24,civilian")),
    ("category-unknown", "S301", "icu_genral", toml('"medical_ward"]', '"medical_ward", "icu_genral"]')),
    ("profession-unknown", "S304", "nurse", toml('profession = "all"', 'profession = "nurs"')),
    ("inject-place-unknown", "S302", "visb", toml('place = "18"', 'place = "visb"')),
    ("bed-type-unknown", "S303", "icu", toml(FACTOR, 'beds_factor = { bed_type = "icuu", factor = 0 }')),
    ("vehicle-unknown", "S305", "ropax", toml(FACTOR, 'fleet_factor = { vehicle_type = "ropax", factor = 0 }')),
    ("pool-unknown", "S305", "pool", toml(FACTOR, 'fleet_factor = { pool = "amb_99", factor = 0 }')),
    ("link-unknown", "S306", "fe_visby", add(CLOSE.format('links = ["fe_visby"]'))),
    ("mode-unknown", "S207", "did you mean 'ferry'", add(CLOSE.format('modes = ["ferri"]'))),
    ("closed-place-unknown", "S302", "ESXX", add(CLOSE.format('places = ["ESXX"]'))),
    ("area-unknown", "S307", "civil_area.norr", add(CLOSE.format('areas = ["civil_area.norrr"]'))),
    ("surge-stage-unknown", "S303", "stages: 0, 1, 2, 3", add(SURGE.format(9))),
    (
        "everyday-care-above-the-beds",
        "S309",
        "1.65",
        toml('"medical_ward"\nocc', '"icu_general"\nplaces = ["18"]\nocc'),
    ),
    ("origin-class-unknown", "S911", "did you mean 'civilian'", rows(",24,civilian", ",24,civilan")),
]

TIME = [
    ("start-with-zone", "S105", "zone", toml("06:00:00", "06:00:00Z")),
    ("start-as-text", "S105", "quotes", toml("2027-01-11T06:00:00", '"2027-01-11T06:00:00"')),
    ("start-without-hour", "S105", "time", toml("2027-01-11T06:00:00", "2027-01-11")),
    ("start-in-year-9999", "S105", "2100", toml("2027-01-11", "9999-12-31")),
    ("start-at-half-past", "S105", "whole hour", toml("06:00:00", "06:30:00")),
    ("window-backwards", "S201", "before", toml(WINDOW, "from_h = 96\nto_h = 24")),
    ("window-empty", "S201", "before", toml(WINDOW, "from_h = 24\nto_h = 24")),
    ("window-outside", "S202", "outside the horizon", toml(WINDOW, "from_h = 24\nto_h = 500")),
    ("row-backwards", "S201", "before", rows(ROW, "24,12,18,icu_general,24,civilian")),
    ("row-outside", "S202", "outside the horizon", rows(ROW, "0,169,18,icu_general,24,civilian")),
]

FILES = [
    ("file-missing", "S901", "does not exist", toml('file = "demand.csv"', 'file = "demnd.csv"')),
    ("file-elsewhere", "S105", "beside", toml('file = "demand.csv"', 'file = "../demand.csv"')),
    ("file-absolute", "S105", "beside", toml('file = "demand.csv"', 'file = "/etc/passwd"')),
    ("file-is-a-folder", "S901", "folder", instead("demand.csv", Path.mkdir)),
    ("file-is-a-pipe", "S901", "pipe", instead("demand.csv", os.mkfifo)),
    ("file-is-a-device", "S901", "", instead("demand.csv", lambda path: path.symlink_to("/dev/zero"))),
    ("file-leads-out", "S901", "leads out", instead("demand.csv", lambda path: path.symlink_to("/etc/hostname"))),
    ("file-is-a-loop", "S901", "opened", instead("demand.csv", lambda path: path.symlink_to(path.name))),
    ("toml-missing", "S901", "does not exist", lambda folder: (folder / "scenario.toml").unlink()),
    ("toml-is-a-pipe", "S901", "pipe", instead("scenario.toml", os.mkfifo)),
]

HOSTILE = [*FIGURES, *WORDS, *STRUCTURE, *REFERENCES, *TIME, *FILES]
