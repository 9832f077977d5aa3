# The commands of this repository. CI calls the same ones (.ci/run).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Compiled code and tools live outside of the checkout, so that every clone of this machine shares them.
ifeq ($(shell id -u),0)
SHEAF_CACHE ?= /var/cache/sheaf
else
SHEAF_CACHE ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/sheaf
endif
export SHEAF_CACHE
export CARGO_TARGET_DIR := $(SHEAF_CACHE)/target
export SHEAF_TOOLS := $(SHEAF_CACHE)/tools
export SHEAF_PDFIUM_DIR ?= $(SHEAF_TOOLS)/pdfium
export SHEAF_SITE ?= $(CARGO_TARGET_DIR)/site

.PHONY: help
help: ## List these commands
	@grep -hE '^[a-z0-9%-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9%-]+):.*## /\1\t/' | while IFS=$$'\t' read -r name text; do \
		printf '  make %-14s %s\n' "$$name" "$$text"; done

.PHONY: run
run: setup ## Build Sheaf and start it, with nothing to configure (ARGS="serve --help" for other commands)
	@cargo xtask build
	@exec scripts/run $(ARGS)

.PHONY: build
build: setup ## Build the browser half and the server, for development
	@cargo xtask build

.PHONY: release
release: setup ## Build both optimised: the program lies in target/release, what it serves in target/release-site
	@cargo xtask build --release --site $(CARGO_TARGET_DIR)/release-site
	@cargo xtask budget --site $(CARGO_TARGET_DIR)/release-site
	@echo "$(CARGO_TARGET_DIR)/release/sheaf, with SHEAF_SITE=$(CARGO_TARGET_DIR)/release-site"

.PHONY: check
check: setup-check ## Formatting, lints, licences, unused dependencies, isolation of tenants, stale queries
	@scripts/check

.PHONY: test
test: setup-test ## All tests: unit, integration on real servers (also through a pooler), browser stories
	@WITH_PGBOUNCER=yes scripts/with-servers scripts/test
	@cargo xtask build
	@scripts/with-servers scripts/stories

.PHONY: test-only
test-only: setup-test ## The tests without the browser stories (FILTER=name runs some)
	@WITH_PGBOUNCER=yes scripts/with-servers scripts/test $(FILTER)

.PHONY: e2e
e2e: setup-test ## The browser stories alone (FILTER=name runs some)
	@cargo xtask build
	@scripts/with-servers scripts/stories $(if $(FILTER),--grep '$(FILTER)')

.PHONY: screenshots
screenshots: setup-test ## Pictures of every page in both themes, into end2end/screenshots
	@cargo xtask build
	@SHEAF_SCREENSHOTS=yes scripts/with-servers scripts/stories --grep @screenshots

.PHONY: bench-read bench-report bench-pages bench-load bench-public bench-size bench-rls bench-queue bench-fair bench-bloat bench-entitlements bench-cache
bench-read: ## CPU of reading, beside pdftotext and PyMuPDF (SHEAF_CORPUS names the folder of documents)
bench-report: ## CPU of a report, beside Chromium and ReportLab
bench-pages: ## Requests per CPU second of the documents page, beside Next.js
bench-load: ## People at work on one workspace and on 1,000, and three pages beside Next.js
bench-public: ## How long a public page takes to its first byte, kept and rendered
bench-size: ## What a browser loads before a page works, by part, beside Next.js
bench-rls: ## What row-level security costs: CPU of each hot query beside no policies, and among ever more tenants
bench-queue: ## CPU and rate of the queue, beside apalis-postgres, BullMQ, Graphile Worker and pg-boss
bench-fair: ## How long tenants wait beside one with 100,000 jobs, and what that costs in throughput
bench-entitlements: ## What an upload takes longer for its plan, with 100 who write to one workspace
bench-cache: ## How long a kept answer takes, in process and from Redis, beside a bare GET
bench-bloat: ## The queue while a transaction stays open, by the minute (SHEAF_BENCH_MINUTES says how many)
bench-read bench-report bench-pages bench-load bench-public bench-size bench-rls bench-queue bench-fair bench-bloat bench-entitlements bench-cache: bench-%:
	@scripts/setup bench $*
	@scripts/bench $*

.PHONY: chaos
chaos: setup-test ## Kill workers and servers under the queue for ten minutes, and prove that no work is lost (SECONDS=60, SEED=7)
	@SHEAF_CHAOS_SECONDS=$(or $(SECONDS),600) $(if $(SEED),SHEAF_SEED=$(SEED)) WITH_REDIS=no scripts/with-servers \
		scripts/test chaos:: crash_matrix::

.PHONY: model-queue
model-queue: setup-test ## A million random events of the queue, held against a model (SHEAF_MODEL_EVENTS, SHEAF_SEED)
	@SHEAF_MODEL_EVENTS=$${SHEAF_MODEL_EVENTS:-1000000} WITH_REDIS=no scripts/with-servers \
		scripts/test queue_model:: --nocapture

.PHONY: scan-logs
scan-logs: setup-test ## Read a million lines of the log of a server that is sent secrets in every place (SHEAF_SCAN_LINES)
	@SHEAF_SCAN_LINES=$${SHEAF_SCAN_LINES:-1000000} WITH_REDIS=no scripts/with-servers scripts/test scan_logs:: --nocapture

.PHONY: test-months
test-months: setup-test ## Two years of 200 workspaces, each invoice and figure held against references (SHEAF_MONTHS_WORKSPACES, SHEAF_SEED)
	@SHEAF_MONTHS_WORKSPACES=$${SHEAF_MONTHS_WORKSPACES:-200} WITH_REDIS=no scripts/with-servers \
		scripts/test billing_months:: --nocapture

.PHONY: test-migrations
test-migrations: setup-test ## Each later migration on tables of ten million rows (SHEAF_MIGRATION_ROWS, SHEAF_MIGRATION_TABLES)
	@SHEAF_MIGRATION_ROWS=$${SHEAF_MIGRATION_ROWS:-10000000} WITH_REDIS=no scripts/with-servers \
		scripts/test migration_locks:: --nocapture

.PHONY: test-replicas
test-replicas: setup-test ## 100,000 operations beside a replica two seconds behind: nobody misses what they did (SHEAF_REPLICA_OPERATIONS)
	@SHEAF_REPLICA_OPERATIONS=$${SHEAF_REPLICA_OPERATIONS:-100000} WITH_REDIS=no timeout 1800 scripts/with-servers \
		scripts/test replicas:: --nocapture

.PHONY: proof-isolation
proof-isolation: setup-check setup-test ## Prove the isolation of tenants, and count by what
	@scripts/proof-isolation

.PHONY: format
format: setup ## Format everything
	@cargo fmt --all
	@npm run --silent format

.PHONY: db-prepare
db-prepare: setup ## Write .sqlx anew, after a change of a query or a migration
	@scripts/sqlx-prepare

.PHONY: setup setup-check setup-test
setup: ## Install what a build needs; every command here does it first
	@scripts/setup run
setup-check:
	@scripts/setup check
setup-test:
	@scripts/setup test

.PHONY: clean
clean: ## Remove what builds left behind (not the data folder, nor the tools)
	rm -rf $(CARGO_TARGET_DIR) node_modules end2end/test-results end2end/playwright-report end2end/screenshots
