"""Silence libraries that write to file descriptor 2, below anything that Python can redirect."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

STDERR = 2


@contextlib.contextmanager
def suppress_stderr() -> Iterator[None]:
    """Suppress output to file descriptor 2 in the body; if the body raises, write it after all."""
    sys.stderr.flush()
    original = os.dup(STDERR)
    with tempfile.TemporaryFile() as suppressed:
        os.dup2(suppressed.fileno(), STDERR)
        try:
            yield
        except BaseException:
            suppressed.seek(0)
            os.write(original, suppressed.read())
            raise
        finally:
            os.dup2(original, STDERR)
            os.close(original)
