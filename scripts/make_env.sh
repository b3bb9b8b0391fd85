#!/bin/sh
# Builds the environment, or finds that it is already right: make_env.sh run|test
#
# Works where Python has venv and pip, where Debian has split them off (no python3-venv),
# with uv or without. Installs exactly what requirements/lock*.txt name, by hash.
#   PYTHON     the interpreter to build on (default python3, else a newer one by name)
#   NSPL_VENV  where the environment stands (default .venv)
set -eu
cd "$(dirname "$0")/.."
level=${1:-run}
venv=${NSPL_VENV:-.venv}
mark=$venv/nspl-opt.env
case $level in
run) lock=requirements/lock.txt ;;
test) lock=requirements/lock-test.txt ;;
*) echo "usage: scripts/make_env.sh run|test" >&2; exit 2 ;;
esac
started=$(date +%s)

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if new_enough "$name"; then echo "$name"; return; fi
    done
    if command -v uv >/dev/null 2>&1 && uv python find '>=3.11' 2>/dev/null; then return; fi
    echo "Python 3.11 or later is needed and was not found${PYTHON:+ as $PYTHON}." >&2
    echo "On Debian 12 or later: apt-get install python3" >&2
    return 1
}

python=$(find_python)
want="$(cat pyproject.toml requirements/lock.txt requirements/lock-test.txt | cksum) $("$python" -c 'import sys; print(sys.version.split()[0], sys.base_prefix)')"
if [ -x "$venv/bin/nspl-opt" ] && [ "$(head -n 1 "$mark" 2>/dev/null)" = "$want" ]; then
    have=$(tail -n 1 "$mark")
    if [ "$have" = "$level" ] || [ "$have" = test ]; then
        echo "environment  $venv (kept)"
        exit 0
    fi
else
    have=none
    if [ -e "$venv" ] && [ ! -e "$mark" ]; then
        echo "$venv exists and was not made by this script: remove it, or set NSPL_VENV to another place." >&2
        exit 1
    fi
    rm -rf "$venv"
    mkdir -p "$venv"
    echo building >"$mark"
fi
log=$venv/install.log
: >"$log"

usable() { "$venv/bin/python" -m pip --version >>"$log" 2>&1; }

# Debian keeps pip's own wheel in a package of its own; fetching it needs no root and changes nothing.
pip_wheel_of_debian() {
    for wheel in /usr/share/python-wheels/pip-*.whl; do
        if [ -e "$wheel" ]; then echo "$wheel"; return; fi
    done
    command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || return 1
    place=$(cd "$venv" && pwd)/apt
    mkdir -p "$place/lists/partial" "$place/cache/archives/partial"
    set -- -q -o "Dir::State::lists=$place/lists" -o "Dir::Cache=$place/cache" -o "APT::Sandbox::User="
    (
        cd "$place"
        apt-get download -q python3-pip-whl || { apt-get "$@" update && apt-get "$@" download python3-pip-whl; }
        dpkg-deb -x python3-pip-whl_*.deb .
    ) >>"$log" 2>&1 || return 1
    for wheel in "$place"/usr/share/python-wheels/pip-*.whl; do
        if [ -e "$wheel" ]; then echo "$wheel"; return; fi
    done
    return 1
}

make_venv() {
    if "$python" -m venv "$venv" >>"$log" 2>&1 && usable; then way="venv"; return; fi
    if command -v uv >/dev/null 2>&1 &&
        uv venv --quiet --allow-existing --python "$(command -v "$python")" "$venv" >>"$log" 2>&1; then
        way="uv"
        return
    fi
    if "$python" -m venv --without-pip "$venv" >>"$log" 2>&1; then
        if "$python" -m pip --python "$venv/bin/python" install --quiet pip >>"$log" 2>&1 && usable; then
            way="venv, pip from the system's pip"
            return
        fi
        if wheel=$(pip_wheel_of_debian) &&
            "$venv/bin/python" "$wheel/pip" install --quiet --no-index --no-compile "$wheel" >>"$log" 2>&1 && usable; then
            way="venv, pip from Debian's wheel"
            return
        fi
    fi
    if "$python" -m virtualenv --quiet "$venv" >>"$log" 2>&1 && usable; then way="virtualenv"; return; fi
    echo "No environment could be made: this Python lacks venv and pip, and uv is not here (see $log)." >&2
    echo "One command puts it right: apt-get install python3-venv" >&2
    return 1
}

install() {
    if [ "$way" = uv ]; then
        uv pip install --quiet --python "$venv/bin/python" "$@"
    else
        "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --no-compile \
            --no-warn-script-location "$@"
    fi
}

way=venv
if [ "$have" = none ]; then make_venv; elif ! usable; then way=uv; fi
if ! { install --require-hashes -r "$lock" && install --no-deps --no-build-isolation --editable .; } >>"$log" 2>&1; then
    echo "The packages of $lock could not be installed. The last lines of $log:" >&2
    tail -n 12 "$log" >&2
    exit 1
fi
printf '%s\n%s\n' "$want" "$level" >"$mark"
echo "environment  $venv built in $(($(date +%s) - started)) s ($("$venv/bin/python" -V), by $way)"
