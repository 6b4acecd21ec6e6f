"""`python -m impasto` is the `impasto` command."""

from impasto.cli.main import main

main()
