"""The error tree is the one drawn, and the package's names are the ones promised."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest

import impasto
from impasto import errors


def test_the_tree_drawn_in_the_docstring_is_the_tree() -> None:
    above: list[str] = []  # the names on the way from the root to the line being read
    drawn: dict[str, str] = {}
    for line in inspect.getdoc(errors).splitlines():
        head = line.split("  ")[0] if line[:1].isalpha() else line
        words = head.replace("│", " ").replace("├──", "   ").replace("└──", "   ").rstrip()
        name = words.split()[0] if words.split() else ""
        if name.endswith("Error"):
            level = (len(words) - len(words.lstrip())) // 4
            above[level:] = [name]
            drawn[name] = above[level - 1] if level else "Exception"
    defined = {
        k: v for k, v in vars(errors).items() if inspect.isclass(v) and issubclass(v, Exception)
    }
    assert drawn == {name: kind.__bases__[0].__name__ for name, kind in defined.items()}
    assert issubclass(errors.OptionError, ValueError)


def test_the_nearest_name_or_all_of_them() -> None:
    assert errors.nearest("averge", ["max", "average"]) == "did you mean average?"
    assert errors.nearest("zzz", iter(["max", "average"])) == "known: max, average"


def test_few_choices_are_listed_and_of_many_the_nearest_is_named() -> None:
    assert errors.choose("fast", ("draft", "normal", "best")) == "choose draft, normal or best"
    assert errors.choose("best ", ("draft", "best")) == "choose draft or best"
    assert errors.choose("cc", ("aa", "bb", "cc1")) == "choose aa, bb or cc1"
    assert errors.choose("zz", tuple("abcdefg")) == "known: a, b, c, d, e, f, g"
    assert errors.choose("cc", (*"abcdef", "cc1")) == "did you mean cc1?"


@pytest.mark.parametrize("name", impasto.__all__)
def test_every_public_name_is_there(name: str) -> None:
    value: Any = getattr(impasto, name)
    assert getattr(value, "__name__", name) in (name, "Union")


def test_public_names_are_loaded_from_where_type_checkers_are_told() -> None:
    tree = ast.parse(Path(impasto.__file__).read_text())
    (block,) = (
        node for node in tree.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node)
    )
    told = {
        node.module: tuple(alias.name for alias in node.names)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
    }
    assert told == impasto._HOMES
    assert (
        sorted(impasto.__all__) == sorted([*impasto._HOME, "__version__"]) == sorted(dir(impasto))
    )


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'impasto' has no attribute 'paintz'"):
        impasto.paintz  # noqa: B018
