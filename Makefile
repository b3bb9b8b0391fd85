# make demo    builds the environment, plans the shipped exercise, verifies the plan, writes the report
# make test    builds the environment, runs the tests
# make bench   every benchmark instance five times and the bars it must meet, then builders, HiGHS by itself,
#              growth and the shipped scenarios: about two and a half hours on two cores (BENCH_RUNS=1: one and a half)
# make lint    the style checks
# make readme  shows what the last demo gave in the README
# make page    writes docs/mathematics.md from what the rules say of themselves and from docs/parts
# make openapi writes api/openapi.json, the description of the service, from the code
# make lock    pins every package again (needs uv); the locks name versions and hashes, never an address
VENV := $(or $(NSPL_VENV),.venv)
OUT := out
export NSPL_VENV := $(VENV)
PYTEST_ARGS ?= -q -n auto --maxprocesses 4

.PHONY: demo test bench readme page openapi lint lock clean
demo:
	@scripts/make_env.sh run
	@scripts/demo.sh $(VENV) $(OUT)

test:
	@scripts/make_env.sh test
	@$(VENV)/bin/python -m pytest $(PYTEST_ARGS)

BENCH_RUNS ?= 5
bench:
	@scripts/make_env.sh run
	@echo "about two and a half hours (BENCH_RUNS=1: one and a half); nothing else should run on the machine"
	@echo "## Bars" && $(VENV)/bin/python benchmarks/bars.py --runs $(BENCH_RUNS)
	@$(VENV)/bin/python -c "import linopy" 2>/dev/null || echo "linopy is missing: pip install '.[bench]' adds it"
	@echo "## Builders" && $(VENV)/bin/python benchmarks/builders.py region-week hospital-week
	@echo "## HiGHS with default options" && $(VENV)/bin/python benchmarks/default_highs.py
	@echo "## Growth" && $(VENV)/bin/python benchmarks/growth.py
	@echo "## Shipped scenarios" && $(VENV)/bin/python benchmarks/shipped.py
	@$(VENV)/bin/python benchmarks/shipped.py --borders

readme:
	@$(VENV)/bin/python scripts/readme.py $(OUT)/gotland-ovning

page:
	@$(VENV)/bin/python scripts/mathematics.py

openapi:
	@scripts/make_env.sh test
	@$(VENV)/bin/python scripts/openapi.py

lint:
	@scripts/make_env.sh test
	@$(VENV)/bin/python -m ruff check .

LOCK := uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml requirements/build.in
lock:
	@$(LOCK) --extra test --output-file requirements/lock-test.txt
	@$(LOCK) --extra api --constraint requirements/lock-test.txt --output-file requirements/lock.txt

clean:
	rm -rf $(OUT) build dist
