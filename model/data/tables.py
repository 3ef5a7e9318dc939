"""Read tables from CSV files that people made."""

import csv
import pathlib


def read_table(path: pathlib.Path, error: type[Exception]) -> list[tuple[str, dict[str, str]]]:
    """Read a CSV file with a header.

    Returns:
        For each row its location, "FILE, line N", and its values by column.

    Raises:
        error: the file cannot be read or is not CSV in UTF-8.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:  # Excel writes a byte order mark
            # The header is line 1, as an editor counts.
            return [(f"{path}, line {number}", row) for number, row in enumerate(csv.DictReader(file), start=2)]
    except OSError as reason:
        raise error(f"{path} cannot be read: {reason.strerror}.") from reason
    except (UnicodeDecodeError, csv.Error) as reason:
        raise error(f"{path} is not a CSV file in UTF-8.") from reason


def file_within(folder: pathlib.Path, name: str, location: str, error: type[Exception]) -> pathlib.Path:
    """Return the path of a file that a table names, which need not exist.

    Raises:
        error: it is outside the folder, by its name or by a link.
    """
    path = folder / name
    try:
        is_within = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # links in a circle, a null byte
        is_within = False
    if not is_within:
        raise error(f"{location}: {name!r} is not a file in {folder}.")
    return path
