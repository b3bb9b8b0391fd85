"""The files under deploy/: what an image and a set-up must never do, and that they name what there is."""

import json
import re
import shlex
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
IMAGE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]


def images():
    built = re.findall(r"^FROM (\S+)", IMAGE, re.M)
    return [*built, *(one["image"] for one in SERVICES.values())]


def test_no_image_names_a_registry_and_every_one_a_version():
    assert not [name for name in images() if "/" in name]
    assert all(":" in name and not name.endswith(":latest") for name in images() if name != "nspl-opt")


def test_the_image_takes_its_packages_by_hash_and_fetches_nothing_for_itself():
    assert "--require-hashes" in IMAGE and "--no-index ." in IMAGE
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", IMAGE, re.M)
    assert {"requirements/lock.txt", "nspl_opt", "api", "models", "data"} <= {
        one for row in copied for one in row.split()
    }
    assert all((ROOT / one).exists() for row in copied for one in row.split())


def test_the_image_runs_as_nobody_and_is_looked_after():
    last = IMAGE[IMAGE.rindex("\nFROM ") :]
    assert re.search(r"^USER 10001:10001$", last, re.M) and "/health" in last
    assert last.index("USER ") > last.index("apt-get")
    assert not re.search(r"password|secret|key=", IMAGE, re.I)


@pytest.mark.parametrize("told", [IMAGE[IMAGE.index('CMD ["serve') :], " ".join(SERVICES["service"]["command"])])
def test_the_service_is_started_with_options_that_it_has(told):
    from typer.main import get_command

    from nspl_opt.cli.app import app

    known = {name for one in get_command(app).commands["serve"].params for name in one.opts}
    named = set(re.findall(r"--[a-z-]+", told))
    assert named <= known and "--behind-proxy" in named


def test_only_the_proxy_is_reached_from_outside_and_nobody_reaches_out():
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["proxy"]
    for name in ("database", "service", "store"):
        assert all(COMPOSE["networks"][network]["internal"] for network in SERVICES[name]["networks"])
    assert "127.0.0.1" in SERVICES["proxy"]["ports"][0]  # unless somebody says otherwise


def test_every_container_has_a_read_only_root_and_gains_no_rights():
    for one in SERVICES.values():
        assert one["read_only"] and "no-new-privileges:true" in one["security_opt"]
    for name in ("service", "store", "proxy"):
        assert SERVICES[name]["cap_drop"] == ["ALL"] and "cap_add" not in SERVICES[name]


def test_secrets_are_files_and_every_one_is_there_to_be_used():
    used = {name for one in SERVICES.values() for name in one["secrets"]}
    assert used == set(COMPOSE["secrets"])
    assert all(one["file"].startswith("./secrets/") for one in COMPOSE["secrets"].values())
    values = [str(value) for one in SERVICES.values() for value in one.get("environment", {}).values()]
    assert not [value for value in values if re.search(r"://[^/@]*:[^/@]*@", value)]
    assert "secrets/" in (DEPLOY / ".gitignore").read_text(encoding="utf-8").split()


def test_the_proxy_is_where_the_service_and_the_configuration_look_for_it():
    command, proxy = SERVICES["service"]["command"], SERVICES["proxy"]
    assert f"--proxy-address={proxy['networks']['front']['ipv4_address']}" in command
    configuration = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert set(re.findall(r"/run/secrets/(\w+)", configuration)) == set(proxy["secrets"])
    inside = proxy["ports"][0].rpartition(":")[2]
    assert f"listen {inside} ssl" in configuration and "server service:8000" in configuration
    for limit in ("client_header_timeout", "client_body_timeout", "client_max_body_size"):
        assert limit in configuration


def test_addresses_that_others_know_are_dealt_to_nobody_else():
    """The service starts first: it was given the proxy's address. nginx never asks again where the service is."""
    config = COMPOSE["networks"]["front"]["ipam"]["config"][0]
    known = [ip_address(SERVICES[name]["networks"]["front"]["ipv4_address"]) for name in ("proxy", "service")]
    dealt, all_of_it = ip_network(config["ip_range"]), ip_network(config["subnet"])
    assert dealt.subnet_of(all_of_it) and len(set(known)) == 2
    assert all(one in all_of_it and one not in dealt for one in known)


def test_the_store_by_hand_is_the_service_without_its_address():
    """Otherwise no key could be issued while the service runs."""
    store, service = SERVICES["store"], SERVICES["service"]
    assert store["networks"] == ["back"] and store["profiles"] and store["entrypoint"] == ["nspl-opt", "store"]
    own = {"networks", "command", "restart", "stop_grace_period", "profiles", "entrypoint", "healthcheck"}
    assert {name: one for name, one in store.items() if name not in own} == {
        name: one for name, one in service.items() if name not in own
    }


def test_the_service_is_looked_after_whatever_became_of_the_check_in_the_image():
    """Images in OCI's format, as podman builds them, have no health check; the proxy waits for one."""
    told = SERVICES["service"]["healthcheck"]
    assert json.dumps(shlex.split(told["test"])) in IMAGE
    limits = re.search(
        r"^HEALTHCHECK --interval=(\w+) --timeout=(\w+) --start-period=(\w+) --retries=(\d+)", IMAGE, re.M
    )
    assert limits.groups() == tuple(str(told[name]) for name in ("interval", "timeout", "start_period", "retries"))


def test_checks_of_health_are_told_as_one_line():
    """podman-compose 1.3, Debian's, garbles those told as a list of words."""
    told = [one["healthcheck"] for one in SERVICES.values() if "healthcheck" in one]
    assert all(one.get("disable") or isinstance(one["test"], str) for one in told)


def test_the_commands_of_the_readme_name_containers_that_there_are():
    text = (DEPLOY / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"(--profile by-hand )?run --rm (\w+)", text)
    assert told and set(told) == {("--profile by-hand ", "store")}  # podman-compose wants to be told the profile


def test_the_build_hears_of_what_it_copies_and_of_no_secret():
    told = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    copied = {one for row in re.findall(r"^COPY (?!--from)(.+) \S+$", IMAGE, re.M) for one in row.split()}
    assert "*" in told and {line[1:] for line in told if line.startswith("!")} == copied


def test_the_database_is_healthy_only_once_it_is_reached_as_the_service_reaches_it():
    """While a new database is prepared it answers on its socket alone, and is stopped again."""
    assert " -h 127.0.0.1 " in SERVICES["database"]["healthcheck"]["test"]


def test_the_programs_of_the_backup_are_as_new_as_the_database():
    client = int(re.search(r"postgresql-client-(\d+)", IMAGE)[1])
    assert client >= int(re.search(r"postgres:(\d+)", SERVICES["database"]["image"])[1])
