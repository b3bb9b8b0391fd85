"""One wrong figure, code or name in a reference package: one clear message with place, value, rule, remedy."""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.reference.package import load_reference
from nspl_opt.shipped import shipped_dir

SHIPPED = shipped_dir("data/reference")
KEYS = ("site", "region", "bed_type")
VISBY = "visby,icu,"


@dataclass(frozen=True)
class Cell:
    """One cell of the shipped package, found by the start of its line, holds something else."""

    name: str
    table: str
    line: str
    column: str
    value: str
    code: str
    rule: str
    remedy: str

    def spoil(self, folder: Path) -> str:
        path = folder / f"{self.table}.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        at = next(index for index, line in enumerate(lines) if index and line.startswith(self.line))
        cells = next(csv.reader([lines[at]]))
        cells[lines[0].split(",").index(self.column)] = self.value
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(cells)
        lines[at] = out.getvalue()
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return f"{self.table}.csv, row {at + 1}, column {self.column}"


HOSTILE = [
    Cell("a number that is not one", "beds", VISBY, "staffed", "nan", "R909", "whole number", "finite"),
    Cell("infinitely many beds", "beds", VISBY, "staffed", "inf", "R909", "whole number", "leave the row out"),
    Cell("an overflowing number", "beds", VISBY, "staffed", "1e400", "R909", "whole number", "digits only"),
    Cell("a length beyond all numbers", "links", "rd_alingsas__boras,", "km", "1e400", "R909", "finite", "finite"),
    Cell("fewer than no beds", "beds", VISBY, "staffed", "-1", "R910", "outside 0 to 20000 beds", "correct"),
    Cell("two to the 63rd beds", "beds", VISBY, "staffed", str(2**63), "R910", "outside 0", "correct"),
    Cell("five thousand digits", "beds", VISBY, "staffed", "9" * 3_999, "R909", "3999 characters", "ordinary"),
    Cell("half a bed", "beds", VISBY, "staffed", "3.5", "R909", "whole number", "without decimals"),
    Cell("a decimal comma", "links", "rd_alingsas__boras,", "km", "43,5", "R909", "decimal comma", "43.5"),
    Cell("a thousands space", "population", "01,", "inhabitants", "2 454 821", "R909", "thousands", "2454821"),
    Cell("a narrow thousands space", "population", "01,", "inhabitants", "2 454 821", "R909", "thousands", "2454821"),
    Cell("Arabic digits", "beds", VISBY, "staffed", "\u0664", "R909", "another script", "0-9"),
    Cell("yes where a number belongs", "beds", VISBY, "staffed", "true", "R909", "a yes or no", "1 or 0"),
    Cell("ja where true belongs", "sites", "visby,", "has_helipad", "ja", "R912", "neither true nor false", "true"),
    Cell("no figure at all", "beds", VISBY, "staffed", "", "R913", "empty", "fill it in"),
    Cell("more planned than staffed", "beds", VISBY, "planned", "5", "R106", "5 in planned care", "at most 4"),
    Cell("more planned than employed", "staff", "visby,nurse", "planned", "216", "R106", "only 215", "at most 215"),
    Cell("a lost leading zero", "population", "03,", "region", "3", "R915", "no such code in regions", "'03'"),
    Cell("an unknown region", "sites", "visby,", "region", "99", "R915", "no such code in regions", "known:"),
    Cell("a misspelt site", "beds", VISBY, "site", "visbi", "R915", "no such code in sites", "'visby'"),
    Cell("an unknown bed type", "surge", "visby,ward,1", "bed_type", "wards", "R915", "in bed_types", "'ward'"),
    Cell("an unknown source", "beds", VISBY, "source", "somebody_said", "R915", "no such code in sources", "known:"),
    Cell("no source", "beds", VISBY, "source", "", "R913", "empty", "keys in sources"),
    Cell("an unknown basis", "beds", VISBY, "basis", "guess", "R911", "allowed values", "known:"),
    Cell("an unknown level", "sites", "visby,", "level", "countyy", "R911", "allowed values", "'county'"),
    Cell("a name for a code", "sites", "visby,", "node", "Västervik", "R908", "a code has", "use the code"),
    Cell("a formula for a code", "beds", VISBY, "site", "=1+1", "R908", "formula", "letter or digit"),
    Cell("a path for a code", "beds", VISBY, "site", "../visby", "R908", "a code has", "use the code"),
    Cell(
        "a vehicle named twice",
        "care_categories",
        "rehabilitation,",
        "vehicle_types",
        "ropax_ferry;ropax_ferry",
        "R908",
        "twice",
        "once",
    ),
    Cell("a right-to-left override", "sites", "visby,", "name", "Visby \u202elasarett", "R907", "U+202E", "remove"),
    Cell("a NUL escape", "sites", "visby,", "name", "Visby\x1blasarett", "R907", "U+001B", "remove"),
    Cell("garbled letters", "sites", "visby,", "name", "SjukhusÃ¶n", "R907", "garbled", "UTF-8"),
    Cell("a megabyte of name", "sites", "visby,", "name", "a" * 100_000, "R907", "100000 characters", "shorten"),
    Cell("a person's number", "sites", "visby,", "note", "ring 811228-9874", "R916", "personal identity", "remove"),
    Cell("a day that never was", "population", "01,", "date", "2023-02-30", "R912", "not a date", "YYYY-MM-DD"),
    Cell("the year 9999", "population", "01,", "date", "9999-12-31", "R912", "not a date", "YYYY-MM-DD"),
    Cell(
        "swapped latitude and longitude", "nodes", "visby,", "lat", "18.29602", "R103", "outside 55 to 69.5", "swapped"
    ),
    Cell("a hospital on the wrong node", "sites", "visby,", "node", "kiruna", "R103", "km away", "nearest"),
    Cell("a link from a place to itself", "links", "rd_alingsas__boras,", "b", "alingsas", "R104", "starts", "two"),
    Cell("a road shorter than a crow flies", "links", "rd_alingsas__boras,", "km", "4.3", "R104", "shorter", "length"),
    Cell("a car as fast as sound", "links", "rd_alingsas__boras,", "minutes", "0.5", "R104", "km/h", "minutes"),
    Cell(
        "a departure at 25 o'clock",
        "ferries",
        "fe_visby__oskarshamn,",
        "departures_min",
        "1500",
        "R104",
        "minute of the day",
        "0 to 1439",
    ),
    Cell(
        "an area with two names",
        "groupings",
        "civil_area,norra,Norra civilområdet,24",
        "name",
        "Norr",
        "R105",
        "another name",
        "one",
    ),
    Cell("a later stage that opens earlier", "surge", "visby,ward,2", "lead_h", "6", "R107", "stage 1", "order"),
    Cell(
        "a capability nobody has", "care_categories", "burns_major,", "capability", "burn", "R108", "no site", "'burns'"
    ),
    Cell(
        "nobody can carry them",
        "care_categories",
        "icu_general,",
        "vehicle_types",
        "road_ambulance",
        "R108",
        "none of these",
        "add one",
    ),
    Cell(
        "a vehicle for nobody",
        "vehicle_types",
        "military_helicopter,",
        "capacity_stretcher",
        "-6",
        "R910",
        "outside 0",
        "correct",
    ),
    Cell("a flying feeder", "vehicle_types", "ambulance_helicopter,", "feeder_for", "icu", "R109", "feeder", "take"),
    Cell("a fleet of ferries", "fleets", "bus_uppsala,", "vehicle_type", "ropax_ferry", "R109", "timetable", "leave"),
    Cell(
        "a total that does not add up",
        "population_national",
        "2023-12-31,",
        "inhabitants",
        "10551708",
        "R110",
        "add up to 10551707",
        "correct",
    ),
]


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.name)
def test_a_wrong_cell_is_told_once_with_its_place_and_remedy(case, tmp_path):
    folder = shutil.copytree(SHIPPED, tmp_path / "package")
    where = case.spoil(folder)
    with pytest.raises(InvalidInput) as caught:
        load_reference(folder)
    problems = caught.value.problems
    assert len(problems) == 1, str(caught.value)
    problem = problems[0]
    assert problem.code == case.code, str(problem)
    assert problem.where == where, str(problem)
    assert case.rule in problem.what and case.remedy in problem.remedy, str(problem)
    assert problem.remedy and len(str(problem)) < 600
    assert str(problem).isprintable() or str(problem).replace("\n", "").isprintable()


def test_all_faults_are_told_at_once(tmp_path):
    folder = shutil.copytree(SHIPPED, tmp_path / "package")
    chosen = [case for case in HOSTILE if case.code.startswith("R9") and case.table in ("beds", "population", "links")]
    distinct = {(case.table, case.line, case.column): case for case in chosen if case.column not in KEYS}
    for case in distinct.values():
        case.spoil(folder)
    with pytest.raises(InvalidInput) as caught:
        load_reference(folder)
    assert len(caught.value.problems) >= 5
    assert {problem.where.split(",")[0] for problem in caught.value.problems} == {
        "beds.csv",
        "links.csv",
        "population.csv",
    }
