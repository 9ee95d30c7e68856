# The project's commands; each one sets up what it needs. See README.md.
PYTHON ?= python3
PORT ?= 8069
DB ?= crm
ARGS ?=
DATA ?=
OUT ?=
SUITE = exec $(PYTHON) scripts/suite

.DEFAULT_GOAL := help
.PHONY: help run test lint bench realdata clean setup

help:
	@echo "make run [PORT=8069] [DB=crm]         set up, serve the web client"
	@echo "make test [ARGS='pytest arguments']   set up, linters and all tests"
	@echo "make lint                             linters alone"
	@echo "make bench                            benchmarks with their peers"
	@echo "make realdata DATA=folder OUT=file    import data sets, write the reports' figures"
	@echo "make clean                            remove all that set-up created"
	@echo "scripts/odoo ...                      the host's own command line"

run:
	@$(SUITE) run --port '$(PORT)' --database '$(DB)'

test:
	@$(SUITE) test $(ARGS)

lint setup bench clean:
	@$(SUITE) $@

realdata:
	@$(SUITE) realdata --data '$(DATA)' --out '$(OUT)'
