# Refit. `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# What is tested can be told to fail (REFIT_FAULT); no release can.
TESTED := --workspace --features faults

## Getting started

.PHONY: demo
demo: libtorch ## Train and judge 12 real forecasters and models of the other fleets, live (a build, then under a minute)
	cargo build --workspace --bins
	target/debug/refit demo

.PHONY: test
test: libtorch python ## Build everything and run every test, on RabbitMQ, Redis, PostgreSQL and S3 too
	cargo build $(TESTED) --bins
	deploy/with-services.sh cargo test $(TESTED) --no-fail-fast

.PHONY: test-embedded
test-embedded: libtorch python ## The same without the services: their tests say that they are skipped
	cargo build $(TESTED) --bins
	cargo test $(TESTED) --no-fail-fast

.PHONY: release
release: libtorch ## Build the binaries into target/release
	cargo build --release --workspace --bins

## Benchmarks (each prints `bench:` lines, side by side with its peer)

.PHONY: bench-train
bench-train: libtorch ## Training speed, executor start and memory against PyTorch
	cargo build --release --workspace --bins --examples
	python3 tests/bench/train.py

.PHONY: bench-families
bench-families: libtorch ## Recommender against Surprise, texts and records against scikit-learn: quality, speed, memory
	cargo build --release --workspace --examples
	python3 tests/bench/families/recommender.py
	python3 tests/bench/families/text.py
	python3 tests/bench/families/tabular.py

.PHONY: bench-decide
bench-decide: libtorch ## Decisions over 1,000 to 100,000 models in SQLite, and over 1,000,000 in PostgreSQL: time and memory
	cargo build --release --workspace --bins --examples
	deploy/with-services.sh target/release/examples/bench_decide

.PHONY: bench-drift
bench-drift: libtorch ## 1,000 columns of 300,000 new rows against a sketch; false alarms and planted changes
	cargo build --release --workspace --bins --examples
	target/release/examples/bench_drift

.PHONY: bench-growth
bench-growth: libtorch ## 200 and 10,000 models over 1,000,000 rows: one question, all, and the heartbeat; both databases
	cargo build --release --workspace --bins --examples
	deploy/with-services.sh target/release/examples/bench_growth

.PHONY: bench-lists
bench-lists: libtorch ## Each list, look-up and question about one model among 100,000 models and 1,000,000 jobs; both databases
	cargo build --release --workspace --bins --examples
	deploy/with-services.sh target/release/examples/bench_lists

.PHONY: bench-rescue
bench-rescue: libtorch ## How soon a job goes on when its worker or executor is killed, or its worker is asked to end
	cargo build $(TESTED) --bins --examples
	deploy/with-services.sh target/debug/examples/bench_rescue

.PHONY: bench-scaling
bench-scaling: libtorch ## 40 trainings on one worker and on two; 2,000 tickers through two slots
	cargo build --release --workspace --bins --examples
	deploy/with-services.sh target/release/examples/bench_scaling

.PHONY: bench-cost
bench-cost: libtorch ## How far off the expected seconds of trainings are, for every family
	cargo build --release --workspace --bins --examples
	python3 tests/bench/cost.py

.PHONY: bench-resume
bench-resume: libtorch python ## 50 trainings killed at random moments: bit-identical ends
	cargo build $(TESTED) --bins
	REFIT_RESUME_KILLS=50 cargo test $(TESTED) --test end_to_end resume::g2_a_training -- --nocapture

.PHONY: bench-queue
bench-queue: libtorch ## Jobs without work through RabbitMQ, Redis and PostgreSQL against Celery
	cargo build --release --workspace --bins
	deploy/with-services.sh python3 tests/bench/throughput.py

.PHONY: bench-backlog
bench-backlog: libtorch ## The rate and the memory with a million jobs waiting
	cargo build --release --workspace --bins
	deploy/with-services.sh python3 tests/bench/backlog.py

.PHONY: bench-predict
bench-predict: libtorch ## Predictions through the API while both slots of a worker train: latency and rate
	cargo build --release --workspace --bins --examples
	target/release/examples/bench_predict

.PHONY: bench-memory
bench-memory: libtorch ## A coordinator's memory: 100 MiB of tiny rows come in; 600 readers of an output take nothing
	cargo build --release --workspace --bins --examples
	target/release/examples/bench_memory

## Everything together (docs/company.md)

.PHONY: company
company: libtorch ## All families in one installation, for eight simulated weeks: nothing of what is promised breaks
	cargo build $(TESTED) --bins
	REFIT_COMPANY_WEEKS=$${REFIT_COMPANY_WEEKS:-8} cargo test $(TESTED) --test company on_one_machine -- --nocapture

.PHONY: company-distributed
company-distributed: libtorch ## The same on RabbitMQ, Redis, PostgreSQL and S3, with two coordinators
	cargo build $(TESTED) --bins
	REFIT_COMPANY_WEEKS=$${REFIT_COMPANY_WEEKS:-8} deploy/with-services.sh \
		cargo test $(TESTED) --test company on_the_engines_of_many_machines -- --nocapture

## Faults (real processes and services; docs/chaos.md)

.PHONY: year
year: libtorch ## A simulated year of 500 symbols and three other fleets, with schedules, alerts, reports and outages (docs/year.md)
	cargo build --release $(TESTED) --bins
	REFIT_YEAR="from=2027-09-01 days=366 symbols=500 real=12" cargo test --release $(TESTED) --test year -- --nocapture

.PHONY: chaos
chaos: libtorch ## 1,280 faults over 10 seeds: nothing is lost, nothing counts twice (40 minutes)
	cargo build $(TESTED) --bins
	REFIT_CHAOS_SEEDS=$${REFIT_CHAOS_SEEDS:-1..10} deploy/with-services.sh \
		cargo test $(TESTED) --test chaos g1_g2_g3 -- --nocapture

.PHONY: chaos-mutants
chaos-mutants: libtorch ## Coordinators that lack the seal check, or lease by a key, are caught by it
	cargo build $(TESTED) --bins
	deploy/with-services.sh cargo test $(TESTED) --test chaos caught -- --nocapture

.PHONY: wander
wander: libtorch ## 200 random walks through everything there is, in one installation; WALKS=2000 STEPS=30 SEED=1 (docs/wander.md)
	cargo build $(TESTED) --bins
	REFIT_WANDER="walks=$(WALKS) steps=$(STEPS) seed=$(SEED) walk=$(WALK) beside=$(BESIDE) family=$(FAMILY) known=$(KNOWN)" \
		cargo test $(TESTED) --test wander whoever -- --nocapture

.PHONY: wander-mutants
wander-mutants: libtorch ## Coordinators that lack one thing each are found by walks; MUTANT=name for one of them
	cargo build $(TESTED) --bins
	REFIT_MUTANT=$(MUTANT) REFIT_WANDER="seed=$(SEED) known=$(KNOWN)" cargo test $(TESTED) --test wander planted -- --ignored --nocapture

## Care

.PHONY: book
book: ## Build the book of docs/ into target/book (fetches mdBook into .tools/, once)
	@deploy/tool.sh mdbook build docs

.PHONY: check
check: libtorch book ## Formatting, lints, documentation, licences, the book
	cargo fmt --all --check
	cargo clippy $(TESTED) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc $(TESTED) --no-deps --document-private-items
	@deploy/tool.sh cargo-deny check licenses bans sources

.PHONY: libtorch
libtorch: ## Fetch LibTorch into .libtorch/ (once; 0.5 GB)
	@[ -n "$$LIBTORCH" ] || deploy/libtorch.sh

.PHONY: python
python: ## Fetch Python's safetensors into .tools/ (tests read our weights with it)
	@deploy/tool.sh safetensors

.PHONY: clean
clean: ## Remove build output, the book included; LibTorch stays
	cargo clean

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^## / {printf "\n%s\n", substr($$0, 4)} /^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
