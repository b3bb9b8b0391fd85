"""A small scenario with every table that a scenario can have, in the small country."""

from pathlib import Path

SOURCED = 'basis = "invented"\nsource = "exercise"\n'

TABLES = {
    "demand": (
        "from_h,to_h,place,category,patients,origin_class,notice_h\n"
        "0,12,18,icu_general,40,,\n0,12,orebro-flyg,icu_general,10,evacuee,\n0,24,18,medical_ward,120,,\n"
        "24,36,17,icu_general,9,,6\n"
    ),
    "initial": "place,category,patients\n18,medical_ward,200\n",
    "municipal_places": "place,from_h,to_h,patients_per_day\n18,0,48,4\n",
    "reception_limits": "place,bed_type,from_h,to_h,patients_per_day\n17,icu,0,48,8\n",
    "stock_holdings": "stock,place,quantity,floor\nventilator,17,20,4\nventilator,18,12,0\nventilator,19,20,2\n"
    "mask,17,400,0\nmask,18,60,0\nmask,19,400,0\n",
    "stock_releases": "stock,place,at_h,quantity\nventilator,national,12,4\n",
    "groups": "group,category,place,at_h,patients\nvardhem-1,medical_ward,18,0,6\n",
    "agreements": (
        "id,state,kind,from,to,what,vehicle_type,from_h,to_h,amount,reason,legal_basis\n"
        "T1,accepted,patients,18,19,icu_general,,0,24,3,,\n"
        "T2,proposed,patients,18,17,icu_general,,0,24,2,,\n"
        "T3,declined,patients,18,17,medical_ward,,0,24,2,,\n"
        "T4,accepted,staff,19,18,icu_nurse,,0,48,1,,\n"
    ),
    "offers": "region,side,what,from_h,to_h,amount\n19,take,icu,0,48,12\n",
    "pairs": "from,to,category\n18,all,all\n17,no-oslo,all\n18,no-oslo,all\n",
}
"""CSV file -> its content."""

ENTRIES = """
[[external]]
code = "no-oslo"
name = "Oslo"
country = "NO"
node = "karlstad"
access_min = 190
beds = { icu = 12 }
SOURCED
[[entries]]
code = "orebro-flyg"
name = "Örebro flygplats"
region = "18"
node = "orebro"
access_min = 12
SOURCED
[[stays]]
category = "medical_ward"
kind = "fixed"
hours = 72
stages = 3
SOURCED
[[care_paths]]
from = "icu_general"
to = "medical_ward"
share = 0.5
SOURCED
[[bed_substitutes]]
gives = "icu"
serves = "ward"
beds_per_patient = 1.0
SOURCED
[[discharge_ready]]
category = "medical_ward"
share = 0.2
SOURCED
[[crisis]]
places = ["18"]
from_h = 12
to_h = 48
unlocked_by = "regionledning (funktion)"

[[stocks]]
code = "ventilator"
kind = "equipment"
name_sv = "Ventilatorer"
name_en = "Ventilators"
unit = "st"
use = { icu_general = 0.5 }
SOURCED
[[stocks]]
code = "mask"
kind = "supply"
name_sv = "Masker"
name_en = "Masks"
unit = "st"
use = { icu_general = 2 }
SOURCED
[costs]
loan_day = { icu_nurse = 6000 }
surge_bed_day = 20000
postponed_bed_day = 8000
journey_hour = 500
SOURCED
"""


def scenario_of_everything(folder: Path, country) -> Path:
    """The scenario's folder."""
    text = country.SCENARIO.replace('categories = ["icu_general"]', 'categories = ["icu_general", "medical_ward"]')
    text = text.replace("categories = ", "known_at_h = 0\ncategories = ")
    text += ENTRIES.replace("SOURCED\n", SOURCED)
    text += "".join(f'\n[[{name}]]\nfile = "{name}.csv"\n{SOURCED}' for name in TABLES if name != "demand")
    country.small_scenario(folder, scenario=text)
    for name, content in TABLES.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder
