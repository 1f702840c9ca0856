# Two commands a newcomer needs: make run, make test.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# the tests start the program hundreds of times: it is compiled once
unexport PYTHONDONTWRITEBYTECODE

.PHONY: faults docs run test lint format demo corpus stories install install-test clean hostile fuzz

run: install  ## read London Daily on http://127.0.0.1:8000
	$(BIN)/aggregator run

test: install-test  ## everything the tests need, then all of them
	$(BIN)/python -m pytest -n auto

lint: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

corpus: install-test  ## compare reading with other projects' expected values (AGGREGATOR_CORPUS)
	AGGREGATOR_WHOLE_CORPUS=1 $(BIN)/python -m pytest -m corpus -p no:randomly
	$(BIN)/python -m benchmarks.corpus

stories: install-test  ## how well stories are told apart, and what it costs (AGGREGATOR_CORPUS)
	$(BIN)/python -m benchmarks.stories

format: install-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

faults: install-test  ## kills, locks, full disks, wrong clocks, torn files: long; AGGREGATOR_FAULTS=N strikes (200)
	AGGREGATOR_FAULTS=$${AGGREGATOR_FAULTS:-200} $(BIN)/python -m pytest tests/faults -rP -n 4 -p no:randomly

hostile: install-test  ## a hostile origin against a real daemon, ten rounds, and every vector in a browser: long
	AGGREGATOR_HOSTILE=$${AGGREGATOR_HOSTILE:-10} $(BIN)/python -m pytest tests/hostile tests/browser/test_vectors.py -s -p no:randomly

fuzz: install-test  ## a million inputs for everything that reads what others wrote; FUZZ="--count N --seed S"
	$(BIN)/python -m tests.fuzz $${FUZZ:---count 1000000}

docs: install-test  ## build the documentation into site/, warnings are errors
	$(BIN)/mkdocs build --quiet

install: $(VENV)/.installed
install-test: $(VENV)/.installed-test

demo: install  ## a living newspaper without network: invented papers, polled every few seconds
	rm -f var/demo.db var/demo.db-wal var/demo.db-shm
	$(BIN)/python -m tests.world --listen 127.0.0.1:8899 --open http://127.0.0.1:8000/ -- \
		$(BIN)/aggregator --config config/demo.yaml run

$(BIN)/pip:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: pyproject.toml | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --editable '.[postgres]'
	touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) build dist *.egg-info
