# The browser scripts (services/gateway/static/js): checks for developers. Running Parley needs no Node, and on a machine
# without it `make lint` and `make test` say in one line that these were left out.
#   make lint-scripts   eslint and the type check
#   make test-scripts   unit tests under node's own runner
#   make vendor         copy the libraries that pages load from the packages that package-lock.json names

NODE ?= node
NPM ?= npm
NODE_MODULES := node_modules/.installed
# eslint needs Node 20.19; Debian 12's own is 18.
NODE_FITS = command -v $(NPM) >/dev/null 2>&1 && $(NODE) -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null
LEFT_OUT = (they need npm, and Node 20.19 or later)

.PHONY: lint-scripts test-scripts vendor

lint-scripts:
	@if $(NODE_FITS); then $(MAKE) --no-print-directory $(NODE_MODULES) && $(NPM) run --silent lint; \
	else echo "left out: eslint and the type check of the browser scripts $(LEFT_OUT)"; fi

test-scripts:
	@if $(NODE_FITS); then $(MAKE) --no-print-directory $(NODE_MODULES) && $(NPM) run --silent test; \
	else echo "left out: the unit tests of the browser scripts $(LEFT_OUT)"; fi

vendor: $(NODE_MODULES)
	@$(NPM) run --silent vendor

$(NODE_MODULES): package.json package-lock.json .npmrc
	@$(NPM) ci --silent
	@touch $@
