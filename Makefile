# authkit's chores.  Each target sets up what it needs in .venv; a second run sets nothing up again.
#
#   make demo      the main job, end to end, on real input
#   make test      everything that needs no special machine, with the coverage gate
#   make lint      ruff, mypy --strict, mandoc
#   make bench     paired ratios against peers, on a regular install
#   make interop   real servers and clients
#   make mutants   mutation testing; MODULES=authkit/keys/scope.py narrows it
#   make offline-bundle   dist/authkit-VERSION-offline.tar, for a machine without a network; LOCK=lock.json builds one again
#   make clean     removes everything the others made

PYTHON ?= python3
VENV := .venv/bin/python
XDIST ?= -n auto --dist=worksteal

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_ROOT_USER_ACTION := ignore

.PHONY: demo test lint bench interop mutants offline-bundle clean curl
.DELETE_ON_ERROR:

demo: curl .venv/ready-demo
	@$(VENV) tests/demo/demo.py

test: curl .venv/ready-test
	@$(VENV) -m pytest $(XDIST) --ignore=tests/interop --cov --cov-report=term tests

interop: curl .venv/ready-test
	@PYTHON='$(PYTHON)' sh tests/interop/setup
	@$(VENV) -m pytest -n auto --dist=loadgroup tests/interop

lint: .venv/ready-lint
	@$(VENV) -m ruff format --check --quiet . >/dev/null || { echo "some files are not formatted: .venv/bin/ruff format ." >&2; exit 1; }
	@$(VENV) -m ruff check --quiet .
	@$(VENV) -m mypy --no-error-summary
	$(if $(shell command -v mandoc 2>/dev/null;),,$(error mandoc is missing; install it with: apt install mandoc))
	@mandoc -T lint -W warning man/man?/*.?

bench: curl .bench/ready
	@.bench/venv/bin/python tests/bench/bench.py $(ONLY)

offline-bundle: .venv/ready-bundle
	@PYTHONPATH=cli $(VENV) -m bundle.build $(if $(LOCK),--lock '$(LOCK)') $(foreach target,$(ONLY),--only $(target))

mutants: .venv/ready-mutants
	@sh tests/mutants $(MODULES)

clean:
	@rm -rf .venv .bench .interop .mutants .coverage .coverage.* .hypothesis .pytest_cache .mypy_cache .ruff_cache build dist
	@find cli tests -name __pycache__ -type d -prune -exec rm -rf {} +

# What the machine must bring, each said in one line.

curl:
	$(if $(shell command -v curl 2>/dev/null;),,$(error curl is missing; install it with: apt install curl))
	@:

define need-python
$(if $(shell command -v $(PYTHON) 2>/dev/null;),,$(error $(PYTHON) is missing; install it with: apt install python3 python3-venv))\
$(if $(shell $(PYTHON) -c 'import sys; sys.version_info >= (3, 11) and print(1)' 2>/dev/null),,$(error authkit needs Python 3.11 or newer and $(PYTHON) is older; install one and name it: make PYTHON=python3.12))\
$(if $(shell $(PYTHON) -c 'import ensurepip, venv; print(1)' 2>/dev/null),,$(error $(PYTHON) has no venv module; install it with: apt install python3-venv))
endef

# The set-up.  .venv is one environment; .venv/ready-WHAT is newer than pyproject.toml when what WHAT needs is in it.

extras-demo :=
extras-test := [test]
extras-lint := [lint]
extras-bundle := [bundle]
extras-mutants := [test,mutants]

.venv/made:
	$(need-python)
	@echo "setting up .venv, once" >&2
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/ready-%: pyproject.toml | .venv/made
	@echo "installing what 'make $*' needs into .venv, once" >&2
	@$(VENV) -m pip install --quiet --editable '.$(extras-$*)' >.venv/pip.log 2>&1 \
	  || { echo "pip could not install what 'make $*' needs; what it said is in .venv/pip.log" >&2; exit 1; }
	@touch $@

# Start-up is measured on a regular install, with a pip whose scripts import nothing they do not need.
.bench/ready: pyproject.toml tests/bench/peers.txt $(shell find cli/authkit -name '*.py' 2>/dev/null)
	$(need-python)
	@echo "setting up .bench: a regular install of this tree, and the peers" >&2
	@test -x .bench/venv/bin/python || $(PYTHON) -m venv .bench/venv
	@test -x .bench/awscurl/bin/python || $(PYTHON) -m venv .bench/awscurl
	@{ .bench/venv/bin/python -m pip install --quiet --upgrade pip \
	  && .bench/venv/bin/python -m pip install --quiet -r tests/bench/peers.txt \
	  && .bench/venv/bin/python -m pip install --quiet --force-reinstall --no-deps . \
	  && .bench/venv/bin/python -m pip install --quiet . \
	  && .bench/awscurl/bin/python -m pip install --quiet awscurl; } >.bench/pip.log 2>&1 \
	  || { echo "pip could not install what 'make bench' needs; what it said is in .bench/pip.log" >&2; exit 1; }
	@touch $@
