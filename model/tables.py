"""Tables: read as CSV, written as Markdown."""

import csv
import pathlib


def read_table(path: pathlib.Path, error: type[Exception]) -> list[tuple[str, dict[str, str]]]:
    """The rows of a CSV file, each with the file and line it is from. Raises ``error`` if it cannot be read."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:  # Excel begins the file with a mark
            # The heading is the first line, as an editor counts them.
            return [(f"{path}, line {number}", row) for number, row in enumerate(csv.DictReader(file), start=2)]
    except OSError as reason:
        raise error(f"{path} cannot be read: {reason.strerror}.") from reason
    except (UnicodeDecodeError, csv.Error) as reason:
        raise error(f"{path} is not a table in CSV and UTF-8.") from reason


def markdown_table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown: a line for the head, one that rules it off, and one for each row."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])
