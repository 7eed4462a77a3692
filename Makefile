# jaso: every stage is one command. `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    ?= runs/demo
ARGS   ?=
# A file stays with one worker, because its tests share what its fixtures made.
PYTEST_OPTIONS = --numprocesses=logical --dist=loadfile --no-loadscope-reorder
PYTEST = $(BIN)/python -m pytest $(PYTEST_OPTIONS)
BASELINE ?= baseline
MATRIX = study.factors.prompt=[question_answer,occupation_experience_question_answer] study.factors.freeze=[all,last_block] \
  metrics=[bits_per_character,rouge,chrf,repetition,field]
SMALLEST = $(BIN)/jaso pipeline source=sample experiment=baseline out=runs/regress

export TOKENIZERS_PARALLELISM ?= false
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1
# Every process would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-all coverage setup check lint types layers format doctor crawl example-data preprocess score-cleaning export train export-model evaluate score compare sheet-make sheet-read validity curves regress bless study matrix pipeline clean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile
	@echo
	@echo 'Arguments for a stage go into ARGS: make train ARGS="input=runs/demo/preprocess out=runs/mine prompt=question_answer"'

##@ Two commands, set-up included
demo: setup ## crawl, clean, train, evaluate the synthetic corpus; the last line is the report's path
	@$(BIN)/jaso pipeline source=sample experiment=demo out=$(OUT) lang=ko $(ARGS)

test: setup ## the fast tests, on all cores: under five minutes on two
	@$(PYTEST) -m "not slow" $(ARGS)
# Browsers, Slurm and killed runs wait more than they compute: one worker more than there are cores.
test-slow: export PYTEST_XDIST_AUTO_NUM_WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
test-slow: setup ## the other tests: whole chains, killed runs, browsers, several processes
	@$(PYTEST) -m slow $(ARGS)
test-all: setup ## all tests
	@$(PYTEST) $(ARGS)
coverage: setup ## lines that the fast tests reach, all their processes counted
	@rm -rf runs/coverage && mkdir -p runs/coverage
	@$(BIN)/coverage run -m pytest $(PYTEST_OPTIONS) -m "not slow" $(ARGS); $(BIN)/coverage combine -q && $(BIN)/coverage report --sort=cover

##@ Stages
crawl: setup ## gather documents: ARGS="source=csv path=… out=…"
	@$(BIN)/jaso crawl $(if $(source),source=$(source)) $(ARGS)
example-data: setup ## a small synthetic example of each form of input: data/examples
	@$(BIN)/jaso example-data out=data/examples $(ARGS)
preprocess: setup ## clean and split: ARGS="input=… out=…"
	@$(BIN)/jaso preprocess $(ARGS)
score-cleaning: setup ## precision and recall of the cleaning steps: ARGS="input=<crawl of source=sample> out=…"
	@$(BIN)/jaso score-cleaning $(ARGS)
export: setup ## hand on a corpus as a data set: ARGS="input=<preprocess dir> out=…"
	@$(BIN)/jaso export $(ARGS)
train: setup ## train a model: ARGS="input=… out=…"
	@$(BIN)/jaso train $(ARGS)
export-model: setup ## hand on a trained model: ARGS="input=<train dir> out=…"
	@$(BIN)/jaso export-model $(ARGS)
evaluate: setup ## generate and score: ARGS="model=… input=… out=…"
	@$(BIN)/jaso evaluate $(ARGS)
score: setup ## score a predictions file: ARGS="predictions=… out=…"
	@$(BIN)/jaso score $(ARGS)
compare: setup ## compare runs: ARGS="runs=…,… out=…"
	@$(BIN)/jaso compare $(ARGS)
sheet-make: setup ## blind score sheets for raters: ARGS="runs=…,… out=…"
	@$(BIN)/jaso sheet make $(ARGS)
sheet-read: setup ## filled sheets to scores and agreement: ARGS="sheets=… key=… out=…"
	@$(BIN)/jaso sheet read $(ARGS)
validity: setup ## metrics against people's scores: ARGS="pairs=… out=…"
	@$(BIN)/jaso validity $(ARGS)
# The smallest run takes one thread: how many there are decides in which order floats are summed.
regress bless: export JASO_LANG := en
regress bless: export OMP_NUM_THREADS := $(if $(RUN),$(OMP_NUM_THREADS),1)
regress: setup ## the smallest run against baseline/, exit 1 when it got worse; your own: RUN=… BASELINE=…
	@$(if $(RUN),,rm -rf runs/regress && $(SMALLEST))
	@$(BIN)/jaso regress run=$(or $(RUN),runs/regress/evaluate) baseline=$(BASELINE) out=$(or $(RUN:/=),runs/regress)-gate $(ARGS)
bless: setup ## make the last such run the baseline: REASON="…"; your own: RUN=… BASELINE=…
	@$(if $(RUN),,test -d runs/regress/evaluate || $(SMALLEST))
	@$(BIN)/jaso bless run=$(or $(RUN),runs/regress/evaluate) out=$(BASELINE) "reason=$$REASON" $(ARGS)
curves: setup ## how trainings went, side by side: ARGS="runs=…,… out=…"
	@$(BIN)/jaso curves $(ARGS)
study: setup ## a grid of cells, compared and reported: STUDY=prompts ARGS="seeds=3 out=…"
	@$(BIN)/jaso study $(STUDY) $(if $(filter out=%,$(ARGS)),,out=runs/studies) $(ARGS)
matrix: setup ## a small matrix of prompts and freezing; exit 1 when what is planted is not found
	@$(BIN)/jaso study prompts_x_freezing out=runs/matrix strict=true split.test=0.3 $(MATRIX) $(ARGS)
pipeline: setup ## all stages: ARGS="source=… out=…"
	@$(BIN)/jaso pipeline $(if $(source),source=$(source)) $(if $(experiment),experiment=$(experiment)) $(ARGS)

##@ Care of the house
setup: $(VENV)/.ready ## the virtual environment and the system's packages
check: lint types layers test test-slow ## all that CI checks
lint: setup ## ruff
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
types: setup ## mypy --strict
	@$(BIN)/python -m mypy
layers: setup ## which package may import which
	@$(BIN)/lint-imports
format: setup ## let ruff rewrite
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .
doctor: setup ## what this machine has and lacks
	@$(BIN)/jaso doctor
clean: ## remove the virtual environment and caches; runs/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache

$(VENV)/.ready: pyproject.toml constraints.txt scripts/setup.sh
	@PYTHON=$(PYTHON) VENV=$(VENV) sh scripts/setup.sh
	@touch $@
