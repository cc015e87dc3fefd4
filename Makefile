# What a person types. scripts/ does the work; .venv holds what requirements*.lock name.
python := .venv/bin/python

.PHONY: run test test-fast processors proofs lint bench setup compared screenshots bench-gui bench-prepare recipe-lab app dmg app-check mac-names mps-budgets mac-report gallery first-words docs documented

run: setup  ## open the window (with no display: train and sample in the terminal)
	@$(python) -m scripts.run

tests = $(if $(T),$(addprefix tests/,$(T:tests/%=%)),tests)
on_all_cores = -n logical --dist=worksteal

test: setup compared  ## the suite, with no screen; a part of it with T=engine/text or T=gui/shell/test_window.py
	$(python) -m pytest $(on_all_cores) $(tests)

# the ground that all else stands on, and what the tabs say; the loop, the window and the exports are left to `make test`
quick = $(addprefix tests/,engine/core engine/machine engine/model engine/planning engine/text engine/tokens) \
	$(wildcard tests/gui/*/test_state.py) tests/test_boundaries.py tests/test_house.py tests/test_typography.py

test-fast: setup compared  ## what a change needs at once; of a part of the suite (T=engine/runs) all that takes under a second
	$(python) -m pytest $(on_all_cores) -m "not slow and not thorough" --durations=5 --durations-min=1 $(if $(T),$(tests),$(quick))

processors = ATEN_CPU_CAPABILITY=default ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 ONEDNN_MAX_CPU_ISA=SSE41 \
	OMP_NUM_THREADS=2 PYTEST_PLUGINS=tests.as_mac_cpu
computing = model training generation exports machine/test_device.py runs/test_checkpoint.py runs/test_pretrained.py test_life_of_a_run.py

processors: setup  ## the tests of all that computes, with torch told to be on other processors, at last on a Mac's
	@set -e; for processor in $(processors); do \
		echo "$$processor"; \
		env $$processor $(python) -m pytest $(on_all_cores) $(computing:%=tests/engine/%); \
	done

proofs: setup  ## what takes minutes: kills, a real full disk, long runs, inputs by the thousand, the window as on a Mac
	$(python) -m pytest -m slow --durations=0 --ignore=tests/engine/planning/test_estimate.py
	HYPOTHESIS_PROFILE=thorough $(python) -m pytest $(on_all_cores) -m hypothesis
	PYTEST_PLUGINS=tests.as_mac_window $(python) -m pytest $(on_all_cores) tests/gui

lint: setup  ## style, format, types
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy
	.venv/bin/lint-imports --no-cache

docs_stamp = .venv/docs-stamp

docs: setup documented  ## docs/ and the help book as a site, in build/site; a broken link or an orphan ends it
	@NO_MKDOCS_2_WARNING=1 $(python) -m mkdocs build --strict
	@echo "The site is in build/site; begin with build/site/index.html."

documented: setup
	@cat requirements.lock requirements-docs.lock | cmp -s - $(docs_stamp) || { \
		$(python) -m pip install --disable-pip-version-check --quiet --no-deps -r requirements-docs.lock && \
		cat requirements.lock requirements-docs.lock >$(docs_stamp); }

screenshots: setup  ## pictures of the window in every state, in build/screenshots; the README's with docs=1
	@$(python) -m scripts.screenshots $(if $(docs),--docs)

ITERS = 6

bench: setup compared  ## speed and memory beside transformers (or beside NANOGPT=its folder), the estimate beside what is measured
ifdef NANOGPT
	@$(python) -m scripts.bench --iters=$(ITERS) --nanogpt="$(NANOGPT)"
else
	@$(python) -m scripts.bench --iters=$(ITERS)
	@$(python) -m pytest -m slow tests/engine/planning/test_estimate.py
endif

bench-prepare: setup  ## how fast a long text becomes tokens, beside nanoGPT's way
	@$(python) -m scripts.bench_prepare

recipe-lab: setup  ## the experiments behind the quick recipe (LAB="--help" tells which; LAB=--acceptance)
	@$(python) -m scripts.recipe_lab $(LAB)

gallery: setup  ## what five minutes give on each built-in text, kept for the window (TEXTS=folder of their files)
	@$(python) -m scripts.gallery $(if $(TEXTS),--texts "$(TEXTS)") $(if $(MINUTES),--minutes $(MINUTES))

mps-budgets: setup  ## what the engine asks of a Mac's GPU, counted on the tests' stand-in for one
	@$(python) -m tests.mps.budgets

first-words: setup  ## how soon a new user sees words: the window on an empty home, and Train pressed
	@$(python) -m scripts.first_words

bench-gui: setup  ## how fluent the window is while a model trains in it
	@$(python) -m scripts.bench_gui

setup:  ## make .venv, once
	@sh scripts/setup.sh

app: setup  ## on a Mac: dist/Understudy.app, signed and verified
	@$(python) -m scripts.bundle app

dmg: setup  ## on a Mac: the same as a disk image
	@$(python) -m scripts.bundle dmg

app-check: setup  ## anywhere: build the bundle with this system's libraries, start it, and read the Mac's wheels
	@$(python) -m scripts.bundle check

compare_locks = requirements.lock requirements-compare.lock
compare_stamp = .venv/compare-stamp

mac-names: setup  ## anywhere: look up in the Mac's torch all that engine/ asks torch for
	@$(python) -m scripts.bundle names

compared: setup
	@cat $(compare_locks) | cmp -s - $(compare_stamp) || { \
		$(python) -m pip install --disable-pip-version-check --quiet -c requirements.lock -r requirements-compare.lock && \
		cat $(compare_locks) >$(compare_stamp); }

mac-report: setup  ## on a Mac, once: what is right and how fast, in one file to send (it runs anywhere)
	@$(python) -m scripts.mac_report
