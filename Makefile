# Seamline's commands. Paths are relative, so that the project may lie in a folder with a space in its name.
PYTHON ?= python3
HOST = 127.0.0.1
PORT = 8000
STEPS =

VENV = .venv/bin/python
COMPILE = $(VENV) -m uv --quiet pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header
.DEFAULT_GOAL = help
.NOTPARALLEL:
.PHONY: help run demo test test-long bench lock clean

help:
	@echo "make run         set up and start Seamline    (PORT=8123 chooses the port, HOST=0.0.0.0 opens it to others)"
	@echo "make demo        the same, with a worked example"
	@echo "make test        set up and check everything  (STEPS='ruff mypy' chooses some)"
	@echo "make test-long   long walks in the browser, all tests on this machine's servers, the whole stack killed and restarted"
	@echo "make bench       measure"
	@echo "make lock        compile the lock files from pyproject.toml"
	@echo "make clean       remove what can be made again; var, which holds the data, stays"

run:
	@$(PYTHON) config/bootstrap.py requirements.lock
	@exec $(VENV) manage.py up --host "$(HOST)" --port "$(PORT)"

demo:
	@$(PYTHON) config/bootstrap.py requirements.lock
	@exec $(VENV) manage.py up --host "$(HOST)" --port "$(PORT)" --demo

test:
	@$(PYTHON) config/bootstrap.py requirements-dev.lock
	@exec $(VENV) -m tests.checks $(STEPS)

test-long:
	@$(PYTHON) config/bootstrap.py requirements-dev.lock
	@exec $(VENV) -m tests.checks walks compat long

bench:
	@$(PYTHON) config/bootstrap.py requirements-dev.lock
	@exec $(VENV) -m benchmarks

lock:
	@$(PYTHON) config/bootstrap.py requirements-dev.lock
	@$(COMPILE) pyproject.toml -o requirements.lock
	@$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov test-artifacts
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
