import pytest

from hpo.terminal.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\rb\x08", "a\\rb\\x08"),
        ("\x9b1A\x7f\x00", "\\x9b1A\\x7f\\x00"),
        ("\u202egnp.exe\ud800", "\\u202egnp.exe\\ud800"),
        ("lines\nand\ttabs, Umlaute äöü, 日本語 🤖", "lines\nand\ttabs, Umlaute äöü, 日本語 🤖"),
    ],
)
def test_what_would_steer_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown
