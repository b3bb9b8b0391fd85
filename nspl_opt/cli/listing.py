"""``models``, ``scenarios``, ``new``, ``cost-share``: what there is, and a few figures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from nspl_opt.cli.options import JsonOption, Lang, LangOption, ReferenceOption, examples, print_json, refuse
from nspl_opt.cli.output import print_fact, print_table
from nspl_opt.cli.texts import say


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(
        "models",
        short_help="List the planning models, or show one with its options.",
        epilog=examples("nspl-opt models", "nspl-opt models show national --lang en"),
    )(models)
    app.command("scenarios", epilog=examples("nspl-opt scenarios", "nspl-opt scenarios --json"))(scenarios)
    app.command(
        "new",
        short_help="Start a scenario of one's own.",
        epilog=examples("nspl-opt new my/flood", "nspl-opt check my/flood"),
    )(new)
    app.command(
        "cost-share",
        short_help="Share a budget between the regions, to the öre.",
        epilog=examples(
            "nspl-opt cost-share --budget 10000000",
            "nspl-opt cost-share --budget 12500000.50 --fixed-share 0.4 --population people.csv --json",
        ),
    )(cost_share)


def models(
    action: Annotated[str | None, typer.Argument(metavar="[show", help="show: one model in full.")] = None,
    name: Annotated[str | None, typer.Argument(metavar="NAME]", help="Name of a model, or a model file.")] = None,
    lang: LangOption = Lang.sv,
    as_json: JsonOption = False,
) -> None:
    """List the planning models, or show one: its rules, their options with units, its goals in order."""
    if action not in (None, "show") or (action == "show") != (name is not None):
        said = " ".join(part for part in (action, name) if part)
        raise refuse("U106", f"models {said}", "is not understood", "write models, or models show NAME")
    from nspl_opt.cli.library import describe_model, describe_models

    data = describe_models(lang.value) if name is None else describe_model(name, lang.value)
    if as_json:
        print_json(data)
    elif name is None:
        heads = [say(f"head.{key}", lang.value) for key in ("name", "title", "families", "goals")]
        counts = [[str(len(model[key])) for key in ("families", "goals")] for model in data]
        print_table(heads, [[m["name"], m["title"], *c] for m, c in zip(data, counts, strict=True)], right=(2, 3))
        print_fact(f"\n{say('next_steps', lang.value)}", "nspl-opt models show NAME")
    else:
        _print_model(data, lang.value)


def _print_model(data: dict[str, Any], language: str) -> None:
    typer.echo(f"{data['name']}: {data['title']}")
    if data["description"]:
        typer.echo(data["description"])
    for heading, parts in data["parts"].items():
        typer.echo(f"\n{heading}")
        for part in parts:
            typer.echo(f"  {part['name']}" + (f": {part['title']}" if part["title"] else ""))
            for option in part["options"]:
                typer.echo(f"    {option['name']} = {option['value']}    {option['meaning']}".rstrip())
            for rule in part["rules"]:
                typer.echo(f"    {rule['name'].rpartition('.')[2]}: {rule['sentence']}")
                if rule["equation"]:
                    typer.echo(f"        {rule['equation']}")


def scenarios(lang: LangOption = Lang.sv, as_json: JsonOption = False) -> None:
    """List the shipped scenarios."""
    from nspl_opt.cli.library import describe_scenarios

    data = describe_scenarios(lang.value)
    if as_json:
        print_json(data)
    else:
        heads = [say(f"head.{key}", lang.value) for key in ("name", "marking", "title")]
        print_table(heads, [[s["name"], s["marking"], s["title"]] for s in data])


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to create.")],
    lang: LangOption = Lang.sv,
) -> None:
    """Start a scenario of one's own: a small one that is sound, with comments that say what may be changed."""
    from nspl_opt.cli.library import create_scenario

    create_scenario(folder)
    typer.echo(say("created", lang.value, path=folder))


def cost_share(
    budget: Annotated[str, typer.Option("--budget", metavar="SEK", help="What is to be shared, in SEK.")],
    fixed_share: Annotated[
        str, typer.Option("--fixed-share", metavar="SHARE", help="Part that all regions pay alike.")
    ] = "0.34",
    population_date: Annotated[
        str | None, typer.Option("--population-date", metavar="DATE", help="Population of that date (YYYY-MM-DD).")
    ] = None,
    population: Annotated[
        Path | None, typer.Option("--population", metavar="FILE", help="CSV with the columns region,inhabitants.")
    ] = None,
    reference: ReferenceOption = None,
    lang: LangOption = Lang.sv,
    as_json: JsonOption = False,
) -> None:
    """Share a budget between the regions: a fixed part alike, the rest by population, to the öre.

    The contributions sum to the budget exactly; the odd öre go to the largest remainders.
    """
    from nspl_opt.cost_share import format_ore, parse_amount, parse_share, read_population, share_costs

    if population is not None and population_date is not None:
        raise refuse("U106", "--population", "comes with --population-date", "give one of the two")
    budget_ore, share = parse_amount(budget), parse_share(fixed_share)
    if population is not None:
        date, people, names = population.name, read_population(population), {}
    else:
        from nspl_opt.cli.library import shipped_population

        date, people, names = shipped_population(reference, population_date)
    shares = share_costs(budget_ore, people, share)
    if as_json:
        print_json(
            {
                "budget": format_ore(budget_ore),
                "fixed_share": str(share),
                "population": date,
                "contributions": [
                    {"region": c.region, "inhabitants": c.inhabitants, "sek": format_ore(c.total_ore)} for c in shares
                ],
            }
        )
        return
    language = lang.value
    title = say("cost.title", language, budget=_kronor(budget_ore, language), fixed=_percent(share), date=date)
    typer.echo(title)
    heads = [say(f"head.{key}", language) for key in ("region", "inhabitants", "fixed", "variable", "total")]
    rows = [
        [
            f"{c.region} {names.get(c.region, '')}".strip(),
            _thousands(str(c.inhabitants)),
            _kronor(round(c.fixed), language),
            _kronor(round(c.variable), language),
            _kronor(c.total_ore, language),
        ]
        for c in shares
    ]
    total = _kronor(sum(c.total_ore for c in shares), language)
    rows.append([say("cost.sum", language), _thousands(str(sum(people.values()))), "", "", total])
    print_table(heads, rows, right=(1, 2, 3, 4))


def _kronor(ore: int, language: str) -> str:
    mark = "," if language == "sv" else "."
    return f"{_thousands(str(ore // 100))}{mark}{ore % 100:02d}"


def _thousands(digits: str) -> str:
    return f"{int(digits):,}".replace(",", " ")


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):g} %"
