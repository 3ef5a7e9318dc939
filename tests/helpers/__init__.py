"""Helpers that several test modules share. Fixtures are in conftest.py."""

import pathlib

#: The root of the repository.
ROOT = pathlib.Path(__file__).parent.parent.parent
