# Fallzahl. `make demo` and `make test` do all their set-up on a fresh Debian 12. See CONTRIBUTING.md for the others.
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

VARIANT ?= release
CC_release := gcc
CC_debug := gcc
CC_asan := gcc
CC_clang := clang
CC_fuzz := clang
CC := $(CC_$(VARIANT))
BUILD := build/$(VARIANT)

PACKAGES := sqlite3 gsl libsodium yaml-0.1 icu-i18n icu-uc jansson libarchive libpcre2-8 gmime-3.0 libmicrohttpd libcurl
# Empty before `make deps` has run: test and demo install first and then call make again.
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)
LIBS := $(PKG_LIBS) -lcsv -lglpk -lm -lpthread

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wvla -Wformat=2 \
            -Wnull-dereference -Wstrict-prototypes -Wmissing-prototypes -Wundef -Werror
HARDENING := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE -D_FORTIFY_SOURCE=2
FLAGS_release := -O2 -g $(HARDENING)
FLAGS_clang := -O2 -g $(HARDENING)
FLAGS_debug := -O0 -g
FLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_fuzz := -O1 -g -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
LDFLAGS_clang := $(LDFLAGS_release)
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_fuzz := -fsanitize=address,undefined
CFLAGS := -std=gnu11 $(WARNINGS) $(FLAGS_$(VARIANT)) -I. $(PKG_CFLAGS) -D_GNU_SOURCE $(EXTRA_CFLAGS)

FOLDERS := core etl stats stats/protect stats/method stats/derived stats/outsider stats/tabulate surveys reports
SOURCES := $(sort $(wildcard $(addsuffix /*.c,$(FOLDERS) cli)))
LIB_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out cli/main.c,$(SOURCES))) $(BUILD)/embed_table.o
EMBED := $(sort $(wildcard */sql/*.sql */sql/*/*.sql */embed/* examples/demo/*.* examples/demo/*/*))
UNIT_SOURCES := $(sort $(wildcard tests/unit/*.c tests/unit/*/*.c tests/unit/*/*/*.c))
UNIT_PROGRAMS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SOURCES))

BENCH_PROGRAMS := $(patsubst bench/%.c,$(BUILD)/bench/%,$(wildcard bench/*.c))
TEST_TOOLS := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/fault/*.c tests/golden/*.c tests/history/*.c tests/real/*.c))

# For the two commands, unless `-j` was given; read in a recipe, where MAKEFLAGS is whole.
ALL_PROCESSORS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: all units deps deps-check test test-built check check-built lint format demo demo-built docs install clean bench fuzz \
        golden-accept
all: $(BUILD)/fallzahl

$(BUILD)/fallzahl: $(BUILD)/cli/main.o $(BUILD)/libfallzahl.a
	$(CC) $(LDFLAGS_$(VARIANT)) -o $@ $^ $(LIBS)

$(BUILD)/libfallzahl.a: $(LIB_OBJECTS)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/embed_table.c: core/embed.sh $(EMBED)
	@mkdir -p $(@D)
	sh core/embed.sh $(EMBED) > $@

$(BUILD)/embed_table.o: $(BUILD)/embed_table.c
	$(CC) $(CFLAGS) -c -o $@ $<

units: $(UNIT_PROGRAMS) $(TEST_TOOLS) $(BENCH_PROGRAMS)
$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libfallzahl.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP $(LDFLAGS_$(VARIANT)) -o $@ $< $(BUILD)/libfallzahl.a $(LIBS) -lcmocka

$(TEST_TOOLS): $(BUILD)/%: tests/%.c $(BUILD)/libfallzahl.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP $(LDFLAGS_$(VARIANT)) -o $@ $< $(BUILD)/libfallzahl.a $(LIBS)

# Each rule of tests/mutation/mutants.list is switched off in a copy; a test has to notice.
.PHONY: mutation
mutation: all
	sh tests/mutation/run.sh $(BUILD)

# Each target under tests/fuzz runs for FUZZ_SECONDS from its seeds; what it learns stays in build/fuzz/corpus.
FUZZ_SECONDS ?= 10
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz:
	$(MAKE) --no-print-directory VARIANT=fuzz $(addprefix fuzz-,$(FUZZ_NAMES))
fuzz-%: build/fuzz/fuzz/%
	@mkdir -p build/fuzz/corpus/$* tests/fuzz/seeds/$*
	$< -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
	    -artifact_prefix=build/fuzz/$*- build/fuzz/corpus/$* tests/fuzz/seeds/$*
.PRECIOUS: build/fuzz/fuzz/%
build/fuzz/fuzz/%: tests/fuzz/fuzz_%.c $(BUILD)/libfallzahl.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -fsanitize=fuzzer -o $@ $< $(BUILD)/libfallzahl.a $(LIBS)

# Speed against a peer: see bench/README.md. Never a test.
bench: all $(BENCH_PROGRAMS)
	sh bench/run.sh $(BUILD)
$(BENCH_PROGRAMS): $(BUILD)/bench/%: bench/%.c $(BUILD)/libfallzahl.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP $(LDFLAGS_$(VARIANT)) -o $@ $< $(BUILD)/libfallzahl.a $(LIBS)

deps:
	sh tests/deps.sh run
deps-check:
	sh tests/deps.sh check

test: deps
	$(MAKE) --no-print-directory $(ALL_PROCESSORS) test-built
test-built: all units lint
	sh tests/run.sh $(BUILD)

# What `make test` leaves out because it takes longer: sanitizers, valgrind, the other compiler, a minute of fuzzing.
check: deps deps-check
	$(MAKE) --no-print-directory check-built
check-built: lint
	$(MAKE) --no-print-directory VARIANT=clang all units
	$(MAKE) --no-print-directory VARIANT=asan all units
	sh tests/run.sh build/asan
	$(MAKE) --no-print-directory VARIANT=release all units
	sh tests/valgrind.sh build/release
	FAULT_STEP=1 KILL_STEP=7 FALLZAHL=build/release/fallzahl bats tests/fault/survey.bats tests/fault/rights.bats tests/cli/smtp.bats
	$(MAKE) --no-print-directory VARIANT=release peers simulations browse proxy mail mutation
	$(MAKE) --no-print-directory fuzz

# A made-up retail group's 26 months, one night after another, in the folder demo/.
demo: deps
	$(MAKE) --no-print-directory $(ALL_PROCESSORS) demo-built
demo-built: all
	@[ ! -e demo ] || [ -e demo/state/test ] || { echo "demo: there is a folder 'demo' that is not of the demo" >&2; exit 1; }
	rm -rf demo
	$(BUILD)/fallzahl init demo --demo --test
	FALLZAHL=$(abspath $(BUILD)/fallzahl) sh demo/run.sh

docs: all
	$(BUILD)/fallzahl check --reference > docs/configuration.md
	sh docs/data-protection.sh > docs/data-protection.md

# Takes what the program writes now for right: look at the difference before you commit it.
golden-accept: all units
	rm -rf tests/golden/published
	$(BUILD)/golden/make_release tests/golden/published
	sh tests/golden/protect.sh $(BUILD)/fallzahl tests/golden/protect

PREFIX ?= /usr/local
install: all
	install -D -m 0755 $(BUILD)/fallzahl $(DESTDIR)$(PREFIX)/bin/fallzahl
	install -d $(DESTDIR)$(PREFIX)/share/doc/fallzahl
	cp -r README.md CONTRIBUTING.md LICENSE docs examples $(DESTDIR)$(PREFIX)/share/doc/fallzahl/

# The survey page in a headless Chromium, with axe-core; screenshots are in build/shots.
.PHONY: browse
browse: all
	FALLZAHL=$(abspath $(BUILD)/fallzahl) FALLZAHL_SHOTS=build/shots /usr/bin/python3 tests/page/browse.py

# The unit, and the page behind nginx and Caddy with TLS, as in examples/serve.
.PHONY: proxy
proxy: all
	FALLZAHL=$(abspath $(BUILD)/fallzahl) /usr/bin/python3 tests/page/proxy.py

# Messages as npm's mailparser and Python read them.
.PHONY: mail
mail: all
	FALLZAHL=$(abspath $(BUILD)/fallzahl) bats tests/mail/readers.bats

lint:
	sh tests/lint/lint.sh

format:
	clang-format -i $(SOURCES) $(wildcard $(addsuffix /*.h,$(FOLDERS) cli)) $(UNIT_SOURCES)

clean:
	rm -rf build

# The attack of `make test`, ten times as many tables, and what of tests/real takes longer. ATTACK_SEED begins elsewhere.
.PHONY: attack
attack: all units
	for test in tests/attack/test_*.py; do \
	    FALLZAHL=$(BUILD)/fallzahl ATTACK_CASES=$${ATTACK_CASES:-3000} /usr/bin/python3 $$test || exit 1; done
	FALLZAHL=$(BUILD)/fallzahl FALLZAHL_LONG=1 bats tests/real/protect.bats

# Programs that tests/peers compares with R.
PEER_PROGRAMS := $(patsubst tests/peers/%.c,$(BUILD)/peers/%,$(sort $(wildcard tests/peers/*.c)))
.PHONY: peers
peers: all $(PEER_PROGRAMS)
	sh tests/peers/run.sh $(BUILD)
# The simulations of `make test`, twenty times as many.
.PHONY: simulations
simulations: units
	FALLZAHL_SIMULATIONS=20 $(BUILD)/unit/stats/method/test_simulation
	FALLZAHL_SIMULATIONS=20 $(BUILD)/unit/stats/derived/test_findings
$(BUILD)/peers/%: tests/peers/%.c $(BUILD)/libfallzahl.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP $(LDFLAGS_$(VARIANT)) -o $@ $< $(BUILD)/libfallzahl.a $(LIBS)

# The attack over time of `make test`, many times.
.PHONY: attack-ledger
ATTACK_HISTORIES ?= 40
attack-ledger: all
	ATTACK_HISTORIES=$(ATTACK_HISTORIES) FALLZAHL=$(abspath $(BUILD)/fallzahl) /usr/bin/python3 tests/attack/test_ledger.py

-include $(shell find build -type f -name '*.d' 2>/dev/null)
