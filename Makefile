# Each target sets up what it needs first; what is up to date is not made again.

PORT ?= 8000
PREPARE = @python=$$(sh scripts/find-python.sh) && "$$python" -I scripts/bootstrap.py
BIN = .venv/bin

.PHONY: help run test test-clients bench bench-cache bench-voice chaos lint fix clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

run: ## serve on http://127.0.0.1:8000 (PORT= changes the port)
	$(PREPARE) packages console models
	@exec $(BIN)/antiphon serve --port $(PORT)

test: lint ## check and run the test suite
	$(PREPARE) console node-tests models
	@$(BIN)/pytest -p no:cacheprovider -rs --durations=10

test-clients: ## run the tests with other people's clients
	$(PREPARE) dev-packages clients models
	@$(BIN)/pytest -p no:cacheprovider -rs -m clients tests/clients

chaos: ## run the tests that break things under load
	$(PREPARE) dev-packages models
	@$(BIN)/pytest -p no:cacheprovider -rs -m chaos

bench: ## measure the gateway beside LiteLLM's
	$(PREPARE) dev-packages
	@$(BIN)/python -m bench.gateway

bench-cache: ## measure the prompt cache beside plain llama.cpp
	$(PREPARE) dev-packages models
	@$(BIN)/python -m bench.cache

bench-voice: ## measure spoken turns beside Pipecat's
	$(PREPARE) dev-packages models
	@$(BIN)/python -m bench.voice

lint: ## check style and types
	$(PREPARE) dev-packages
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@sh scripts/pyright.sh

fix: ## correct what can be corrected without thought
	$(PREPARE) dev-packages
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

clean: ## remove everything that these targets made, models excepted
	rm -rf .venv .venv-clients .venv-realtime-clients .ruff_cache .hypothesis src/antiphon/console web/dist
	find . -name node_modules -prune -exec rm -rf {} +
	find . -name __pycache__ -prune -exec rm -rf {} +
