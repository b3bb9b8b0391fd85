"""What the tables of beds, staff and care categories promise: columns, units, ranges, keys."""

from __future__ import annotations

from nspl_opt.reference.columns import CODE, EN, NOTE, ORIGIN, SITE, SV, count
from nspl_opt.reference.reference import HOSPITAL_LEVELS, PATIENT_KINDS, STANDARDS
from nspl_opt.tables import Contract, Field

SURGE_UNITS = (
    Field(
        "unit_beds", "whole", "beds", "beds that open together; none: all of the stage",
        required=False, minimum=1, maximum=20_000,
    ),
    Field(
        "longest_h", "whole", "h", "longest time open; none: any",
        required=False, minimum=1, maximum=8_760,
    ),
    Field(
        "teardown_h", "whole", "h", "after closing, before it can open again",
        required=False, minimum=0, maximum=8_760, default=0,
    ),
    Field(
        "opening_cost", "number", "currency", "one opening of a unit, in the currency of the scenario",
        required=False, minimum=0, maximum=1e9, default=0,
    ),
    Field("standard", "code", "", "standard of care there", required=False, choices=STANDARDS, default=STANDARDS[0]),
)  # fmt: skip

CARE_CONTRACTS = (
    Contract("bed_types", (CODE, SV, EN), ("code",)),
    Contract(
        "beds",
        (
            SITE,
            Field("bed_type", "code", meaning="code in bed_types"),
            count("staffed", "beds", "beds that are staffed on an ordinary day", 20_000),
            count("planned", "beds", "of the staffed beds, those that planned care holds", 20_000),
            *ORIGIN,
        ),
        ("site", "bed_type"),
        {"site": "sites", "bed_type": "bed_types"},
    ),
    Contract(
        "surge",
        (
            SITE,
            Field("bed_type", "code", meaning="code in bed_types"),
            count("stage", "", "order in which the beds are opened", 99),
            count("beds", "beds", "beds beyond the staffed ones that the stage adds", 20_000, minimum=1),
            count("lead_h", "h", "from the decision until the beds can be used", 8_760),
            *SURGE_UNITS,
            *ORIGIN,
        ),
        ("site", "bed_type", "stage"),
        {"site": "sites", "bed_type": "bed_types"},
    ),
    Contract(
        "professions",
        (
            CODE,
            SV,
            EN,
            Field(
                "on_duty_share",
                "number",
                "share",
                "part of the employed who are at work at any one time",
                minimum=0.000001,
                maximum=1,
            ),
            *ORIGIN,
        ),
        ("code",),
    ),
    Contract(
        "staff",
        (
            SITE,
            Field("profession", "code", meaning="code in professions"),
            count("people", "people", "employed in inpatient care at the site", 100_000),
            count("planned", "people", "of them in planned care", 100_000),
            *ORIGIN,
        ),
        ("site", "profession"),
        {"site": "sites", "profession": "professions"},
    ),
    Contract(
        "care_categories",
        (
            CODE,
            SV,
            EN,
            Field("bed_type", "code", meaning="code in bed_types"),
            Field("patient_kind", "text", meaning="how the patient travels", choices=PATIENT_KINDS),
            count(
                "severity_weight", "", "weight in unmet care, by clinical category and urgency only", 1_000, minimum=1
            ),
            count("mean_stay_h", "h", "mean length of a geometric stay", 8_760, minimum=1),
            count("longest_journey_min", "min", "longest acceptable journey, door to door", 10_080, minimum=1),
            Field("vehicle_types", "code_list", meaning="codes in vehicle_types that may carry the patient"),
            Field(
                "capability", "code", meaning="capability the site must have; empty: none", required=False, default=""
            ),
            Field("minimum_level", "text", meaning="least level of hospital", choices=HOSPITAL_LEVELS),
            *ORIGIN,
            NOTE,
        ),
        ("code",),
        {"bed_type": "bed_types", "vehicle_types": "vehicle_types"},
    ),
    Contract(
        "care_staffing",
        (
            Field("category", "code", meaning="code in care_categories"),
            Field("standard", "text", meaning="standard of care", choices=STANDARDS),
            Field("profession", "code", meaning="code in professions"),
            Field("persons_per_patient", "number", "people on duty", "needed for one patient", minimum=0, maximum=20),
            *ORIGIN,
        ),
        ("category", "standard", "profession"),
        {"category": "care_categories", "profession": "professions"},
    ),
    Contract(
        "care_escorts",
        (
            Field("category", "code", meaning="code in care_categories"),
            Field("profession", "code", meaning="code in professions"),
            Field("persons_per_patient", "number", "people", "of the sender's who travel along", minimum=0, maximum=20),
            *ORIGIN,
        ),
        ("category", "profession"),
        {"category": "care_categories", "profession": "professions"},
    ),
)
