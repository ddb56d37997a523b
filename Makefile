# The commands for people; every step is a script in scripts/. Each first installs what is missing
# (Debian and npm packages), so each works on a fresh Debian 12 with git and make.

PORT ?= 8420
DATA ?= demo-data
MINUTES ?= 10

.DEFAULT_GOAL := build
.PHONY: build demo test bench soak lint format deb deps clean help

build: ## the release program: build/shouwang
	@scripts/build.sh

demo: ## the model case, loaded into DATA= and served on PORT=
	@PORT='$(PORT)' DATA='$(DATA)' scripts/demo.sh

test: ## every test of correctness; last line: N passed, N failed
	@scripts/test.sh

bench: ## ratios against limits measured in the same run; PARTS= ENGINES= SECONDS= ROUNDS=, BASE=COMMIT for PARTS=versus
	@scripts/bench.sh $(if $(PARTS),--parts '$(PARTS)') $(if $(ENGINES),--engines '$(ENGINES)') \
	  $(if $(SECONDS),--seconds '$(SECONDS)') $(if $(ROUNDS),--rounds '$(ROUNDS)') \
	  $(if $(BASE),--against '$(BASE)')

soak: ## long runs (connections, kills, fuzzing) for MINUTES=
	@MINUTES='$(MINUTES)' scripts/soak.sh

lint: ## layers, format, clang-tidy, the pages' linter
	@scripts/lint.sh

format: ## lays the C files out as .clang-format says
	@scripts/format.sh

deb: ## a Debian package of the release program, in build/
	@scripts/deb.sh

deps: ## installs what is missing for all of the above, and nothing else
	@scripts/install-deps.sh test

clean: ## removes what was built (not demo-data)
	@rm -rf build build-test web/dist

help:
	@sed -n 's/^\([a-z]*\):.*## /  make \1: /p' Makefile
