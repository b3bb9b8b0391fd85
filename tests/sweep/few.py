"""A part of the country, small enough to be built many times: a shipped scenario kept to a few regions."""

from dataclasses import replace

import numpy as np

from nspl_opt.formulation.catalogue import load_model
from nspl_opt.living import Living
from nspl_opt.network.graph import travel_times
from nspl_opt.reference.package import load_reference
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.shipped import shipped_dir

BY_SITE = ("beds", "surge_beds", "planned_beds", "staff", "planned_staff", "arrivals_micro", "initial_micro")


def kept_to(situation, regions):
    """The situation of some regions only; vehicles of the others are gone too."""
    sites = [i for i, site in enumerate(situation.sites) if site.region in regions]
    pools = [p for p, pool in enumerate(situation.pools) if pool.region in regions]
    arrays = {name: np.ascontiguousarray(getattr(situation, name)[:, sites]) for name in BY_SITE}
    return replace(
        situation,
        regions=tuple(region for region in situation.regions if region.code in regions),
        sites=tuple(situation.sites[i] for i in sites),
        pools=tuple(situation.pools[p] for p in pools),
        pool_quantity=situation.pool_quantity[pools],
        **arrays,
    )


def living_of(level, regions=("03", "04", "09"), scenario="gotland-ovning", without_beds=None, **overrides):
    """A living instance of some regions of a shipped scenario; one of them may have no beds at all."""
    country, read = load_reference(None), read_scenario(shipped_dir("data/scenarios") / scenario)
    situation, hospitals = (kept_to(resolve(country, read, one), regions) for one in (level, "hospital"))
    if without_beds:
        situation, hospitals = (bare(one, without_beds) for one in (situation, hospitals))
    spec = load_model("national", {name.replace("__", "."): value for name, value in overrides.items()})
    return Living.of(situation, hospitals, travel_times(country, situation), spec, country)


def bare(situation, region):
    """The same without any bed in a region."""
    there = np.array([site.region != region for site in situation.sites])[None, :, None]
    return replace(situation, beds=situation.beds * there, surge_beds=situation.surge_beds * there)
