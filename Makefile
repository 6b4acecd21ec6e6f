# make demo   sets up, paints a picture, says where it is
# make test   sets up, runs the tests
# make check  sets up, checks lint, format, types, import layers and the documentation
# make docs   sets up, shows the documentation in the browser while it is written
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test check format gallery reference site docs clean

demo: $(VENV)/.ready
	$(BIN)/impasto stylize examples/pictures/cat.png examples/pictures/swirls.jpg -o demo.png --overwrite
	@echo "next, in the browser: $(BIN)/impasto studio"
	@echo "or in the terminal:   . $(BIN)/activate && impasto stylize YOUR-PHOTO YOUR-PAINTING"

test: $(VENV)/.ready
	$(BIN)/python -m pytest

check: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python docs/reference.py --check
	$(BIN)/python -m mkdocs build --strict --quiet

site: $(VENV)/.ready
	$(BIN)/python -m mkdocs build --strict
	@echo "open site/index.html"

docs: $(VENV)/.ready
	$(BIN)/python -m mkdocs serve --open

format: $(VENV)/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

gallery: $(VENV)/.ready
	$(BIN)/python docs/pictures.py
	$(BIN)/python docs/gallery.py
	$(BIN)/python docs/tutorial.py

reference: $(VENV)/.ready
	$(BIN)/python docs/reference.py

# mkdocs-material has a word to say of its future at each build.
export NO_MKDOCS_2_WARNING = 1

# constraints.txt pins what is tested; torch's pin is also what keeps CUDA builds away from CPU machines.
$(VENV)/.ready: pyproject.toml constraints.txt
	@echo "setting up $(VENV), once: torch and others are fetched, which takes a minute or two and says nothing"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,heic,studio,video]"
	@touch $@
	@echo "$(VENV) is ready"

clean:
	rm -rf $(VENV) site demo.png .pytest_cache .ruff_cache .import_linter_cache
