# Every target sets itself up: the first one run creates .venv from the lock file.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

PROFILE ?= sample
DATA ?=
BACKBONE ?=
INCOMING ?=
CELLS ?=
PATTERN ?=
GROUP ?=
SITE ?=
REVIEWER ?=
ADD ?=
FULL ?=
IMAGES ?=
FORMAT ?= csv
OUTPUT ?=
SET ?=
PORT ?= 4200
RUN ?=
ID ?=
BY ?=
REASON ?=
# a process for the tests of a file: those of most files share what takes long to make
PYTEST := python -m pytest -q --durations 25 \
  --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# recipes read them from the environment: a path may hold spaces and quotes
export PROFILE DATA BACKBONE INCOMING CELLS PATTERN GROUP SITE REVIEWER ADD FULL IMAGES FORMAT OUTPUT SET PORT RUN ID BY REASON

# what a target reads; anything else on the command line is a slip that make would not mention
run_reads := PROFILE DATA BACKBONE INCOMING SET
validate_reads := PROFILE DATA BACKBONE SET
crossval_reads := PROFILE DATA BACKBONE SET
batch-size_reads := PROFILE DATA BACKBONE SET
monitor_reads := PROFILE INCOMING ACT
retrain_reads := PROFILE CELLS SITE PATTERN GROUP FULL
feedback_reads := PROFILE ADD SITE PATTERN GROUP REVIEWER
predict_reads := PROFILE IMAGES RUN PATTERN FORMAT OUTPUT
report_reads := PROFILE RUN
promote_reads := PROFILE RUN
approve_reads := PROFILE ID BY REASON
rollback_reads := PROFILE ID BY REASON
history_reads := PROFILE
ui_reads := PORT
drift-ui_reads := PORT
schedule_reads := PROFILE PORT
serve_reads := PROFILE PORT
check_reads := PYTEST
test_reads := PYTEST SMEARFLOW_REAL_DATA
test-all_reads := PYTEST SMEARFLOW_REAL_DATA
GOALS := $(or $(MAKECMDGOALS),help)
READ := $(foreach goal,$(GOALS),$($(goal)_reads))
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
UNREAD := $(filter-out $(READ) PYTHON MAKEFLAGS,$(GIVEN))
ifneq ($(UNREAD),)
$(error make $(GOALS) does not read $(UNREAD); correct the name, or leave it out: it reads $(or $(READ),nothing))
endif
# a dollar, as at the end of a pattern, is the reader's own and none of make's, written once or twice
TAKEN := $(foreach name,$(READ),$(if $(filter command environment,$(origin $(name))),$(name)))
$(foreach name,$(TAKEN),$(eval override $(name) := $$(subst $$$$$$$$,$$$$,$$(value $(name)))))

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	  || { echo "smearflow needs Python 3.11-3.13: name one, as in 'make PYTHON=python3.12 ...'" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet "$$(sed -n 's/^\(uv==[^ ]*\).*/\1/p' requirements.lock)"
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	[ -e .git ] || $(BIN)/dvc config --quiet --local core.no_scm true
	$(BIN)/python -m flows.plots
	touch $@

# the command smearflow runs the code of this clone; what it is made with is installed already
$(BIN)/smearflow: .venv/installed pyproject.toml
	$(BIN)/uv pip install --quiet --offline --no-deps --no-build-isolation --python $(BIN)/python --editable .
	touch $@

.PHONY: setup
setup: $(BIN)/smearflow ## create .venv with the exact versions of requirements.lock

.PHONY: lock
lock: setup ## resolve pyproject.toml anew into requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --group pyproject.toml:dev pyproject.toml -o requirements.lock > /dev/null

.PHONY: run
run: setup ## train, test, export, monitor: PROFILE= DATA= BACKBONE= INCOMING= SET="train.epochs=5 ..."
	@smearflow run --profile "$$PROFILE" --data "$$DATA" --backbone "$$BACKBONE" \
	  --incoming "$$INCOMING" --set "$$SET"

.PHONY: validate
validate: setup ## judge labelled cells without training: PROFILE= DATA= SET=
	@smearflow validate --profile "$$PROFILE" --data "$$DATA" --set "$$SET"

.PHONY: crossval
crossval: setup ## patient-disjoint cross-validation: PROFILE= DATA= BACKBONE= SET=
	@smearflow crossval --profile "$$PROFILE" --data "$$DATA" --backbone "$$BACKBONE" --set "$$SET"

.PHONY: batch-size
batch-size: setup ## choose the batch size on this machine and keep it: PROFILE= DATA= BACKBONE= SET=
	@smearflow batch-size --profile "$$PROFILE" --data "$$DATA" --backbone "$$BACKBONE" --set "$$SET"

.PHONY: monitor
monitor: setup ## judge a folder of new images by the model in use: PROFILE= INCOMING= ACT=1 (retrain where asked)
	@smearflow monitor --profile "$$PROFILE" --incoming "$$INCOMING" $(if $(ACT),--act)

.PHONY: feedback
feedback: setup ## take labels of people in: ADD=<folder or CSV> SITE= PATTERN= GROUP= REVIEWER= PROFILE=
	@smearflow feedback add --profile "$$PROFILE" --site "$$SITE" --pattern "$$PATTERN" \
	  --group "$$GROUP" --reviewer "$$REVIEWER" -- "$$ADD"

.PHONY: retrain
retrain: setup ## challenge the model in use with new labels: PROFILE= CELLS= SITE= PATTERN= GROUP= FULL=1
	@smearflow retrain --profile "$$PROFILE" --cells "$$CELLS" --site "$$SITE" --pattern "$$PATTERN" \
	  --group "$$GROUP" $(if $(FULL),--full)

.PHONY: predict
predict: setup ## label images, sum up by patient: IMAGES= PROFILE= RUN= PATTERN= FORMAT= OUTPUT=
	@smearflow predict --profile "$$PROFILE" --run "$$RUN" --pattern "$$PATTERN" \
	  --format "$$FORMAT" --output "$$OUTPUT" -- "$$IMAGES"

.PHONY: edge-wheel
edge-wheel: setup ## build the runtime for devices, dist/*.whl: the command smearflow-edge
	@uv build --quiet --offline --no-build-isolation --python $(BIN)/python --wheel --out-dir dist edge
	@ls dist/*.whl

.PHONY: loop
loop: setup ## after `make run`: drift, labels, a retraining and what follows, on rendered cells
	@python -m benchmarks.loop

.PHONY: report
report: setup ## write the pages of a run anew, reports/pages: PROFILE=, or RUN=. for this folder
	@smearflow report --profile "$$PROFILE" --run "$$RUN"

.PHONY: runs
runs: setup ## the table of saved runs, with figures of validation cells
	@smearflow runs

.PHONY: promote
promote: setup ## make a finished run the model in use, if it is no worse: RUN= PROFILE=
	@smearflow promote $(if $(filter PROFILE,$(TAKEN)),--profile "$$PROFILE") -- "$$RUN"

.PHONY: approve
approve: setup ## put a challenger into use that was left undecided: ID= BY= REASON= PROFILE=
	@smearflow approve --profile "$$PROFILE" --by "$$BY" --reason "$$REASON" -- "$$ID"

.PHONY: rollback
rollback: setup ## return to an earlier model, byte for byte: ID= BY= REASON= PROFILE=
	@smearflow rollback --profile "$$PROFILE" --by "$$BY" --reason "$$REASON" -- "$$ID"

.PHONY: history
history: setup ## what was decided about models: when, by whom, and why: PROFILE=
	@smearflow history --profile "$$PROFILE"

.PHONY: clean-cache
clean-cache: setup ## free what no folder, saved run or promoted model needs
	@smearflow clean-cache

.PHONY: backbone
backbone: setup ## make the embedded backbone anew, from rendered cells alone: minutes
	@python -m smearflow.pretraining

.PHONY: repro
repro: setup ## run the stages in this folder with its own params.yaml, by DVC alone
	@dvc repro

.PHONY: dependencies
dependencies: setup ## write what each stage imports into dvc.yaml
	@python -m stages.dependencies

.PHONY: ui
ui: setup ## the Prefect UI, for this machine only: PORT=
	@smearflow ui --port "$$PORT"

.PHONY: drift-ui
drift-ui: setup ## Evidently's UI of all judged windows, for this machine only: PORT=
	@smearflow drift-ui $(if $(filter PORT,$(TAKEN)),--port "$$PORT")

.PHONY: schedule
schedule: setup ## schedules and triggers of a profile, with the Prefect UI: PROFILE= PORT=
	@smearflow schedule --profile "$$PROFILE" --port "$$PORT"

.PHONY: serve
serve: schedule ## schedule, by its earlier name: PROFILE= PORT=

.PHONY: lint
lint: setup ## formatting, style and types
	ruff format --check .
	ruff check .
	mypy

.PHONY: check
check: lint ## lint, and the tests of pure code
	$(PYTEST) -m "not heavy and not slow"

.PHONY: test
test: lint ## lint, and all tests but the slow ones
	$(PYTEST) -m "not slow"

.PHONY: test-all
test-all: lint ## lint, and all tests: runs are killed at every recorded moment, pipelines repeated
	$(PYTEST)
