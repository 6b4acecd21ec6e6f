"""`impasto completion`: the script that completes commands and flags in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from impasto.cli.flags import Choice


@click.command(short_help="Print a shell's completion script.")
@click.argument("shell", type=Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes impasto's commands and flags in SHELL.

    \b
      bash  echo 'eval "$(impasto completion bash)"' >> ~/.bashrc
      zsh   echo 'eval "$(impasto completion zsh)"' >> ~/.zshrc
      fish  impasto completion fish > ~/.config/fish/completions/impasto.fish
    """
    from impasto.cli.main import cli

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(cli, {}, "impasto", "_IMPASTO_COMPLETE").source())
